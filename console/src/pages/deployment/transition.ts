import type { Deployment, Job } from '../../api/types';

/** One step of a transition. `at` is when it was reached, as far as the server tells. */
export interface Step {
  name: StepName;
  status: 'done' | 'now' | 'next';
  at?: string;
}

export type StepName =
  | 'FIND_STATE'
  | 'CREATE_JOB'
  | 'FETCH_JAR'
  | 'SPIN_UP'
  | 'AWAIT_CLUSTER'
  | 'CHECK_PLAN'
  | 'PRIME'
  | 'STOP_JOB'
  | 'SAVEPOINT'
  | 'SUBMIT'
  | 'AWAIT_RUNNING'
  | 'VERIFY'
  | 'RETIRE'
  | 'TEAR_DOWN'
  | 'ADD_WORKERS'
  | 'RESCALE'
  | 'SHED_WORKERS';

const START: StepName[] = ['CREATE_JOB', 'FETCH_JAR', 'SPIN_UP', 'AWAIT_CLUSTER', 'SUBMIT', 'AWAIT_RUNNING'];

const STEPS: Record<string, StepName[]> = {
  START,
  UPGRADE: [
    'CREATE_JOB',
    'FETCH_JAR',
    'SPIN_UP',
    'AWAIT_CLUSTER',
    'CHECK_PLAN',
    'SAVEPOINT',
    'SUBMIT',
    'AWAIT_RUNNING',
    'VERIFY',
    'RETIRE',
  ],
  RECOVER: ['TEAR_DOWN', 'FIND_STATE', 'SPIN_UP', 'AWAIT_CLUSTER', 'SUBMIT', 'AWAIT_RUNNING'],
  ROLLBACK: ['TEAR_DOWN', 'FIND_STATE', 'CREATE_JOB', 'SUBMIT', 'AWAIT_RUNNING'],
  SUSPEND: ['SAVEPOINT', 'TEAR_DOWN'],
  CANCEL: ['STOP_JOB', 'TEAR_DOWN'],
  CLEAN_UP: ['TEAR_DOWN'],
};

/** The job runs on: no other one is made. */
const IN_PLACE: StepName[] = ['ADD_WORKERS', 'RESCALE', 'SHED_WORKERS'];

/** The steps of a transition in order. What is only sometimes done stands in its place while it is done. */
function namesOf(kind: string, way: string | undefined, phase: StepName): StepName[] {
  const known = way === 'IN_PLACE' && IN_PLACE.includes(phase) ? IN_PLACE : (STEPS[kind] ?? []);
  if (known.includes(phase)) return known;
  const before = phase === 'PRIME' ? known.indexOf('CHECK_PLAN') + 1 : known.length;
  return known.toSpliced(before, 0, phase);
}

/** When the start of a job reached the step that the phase's name means. */
function reachedAt(job: Job | undefined, step: StepName): string | undefined {
  const phases = job?.status?.phases;
  switch (step) {
    case 'CREATE_JOB':
      return job?.metadata.createdAt;
    case 'SPIN_UP':
      return phases?.processesAt;
    case 'AWAIT_CLUSTER':
      return phases?.slotsAt;
    case 'SAVEPOINT':
      return phases?.stoppingAt;
    case 'SUBMIT':
      return phases?.submittedAt;
    case 'AWAIT_RUNNING':
      return phases?.runningAt;
    default:
      return undefined;
  }
}

/** The steps of the transition that is under way; none if there is none. */
export function stepsOf(deployment: Deployment, newestJob: Job | undefined): Step[] {
  const transition = deployment.status?.transition;
  if (!transition?.kind || !transition.phase) return [];
  const phase = transition.phase as StepName;
  const names = namesOf(transition.kind, transition.way, phase);
  const current = names.indexOf(phase);
  return names.map((name, index) => {
    const at = reachedAt(newestJob, name);
    // A time of the job before this transition says nothing about it.
    const belongs = at !== undefined && at >= (transition.since ?? '');
    return {
      name,
      status: index < current ? 'done' : index === current ? 'now' : 'next',
      at: index < current && belongs ? at : undefined,
    };
  });
}
