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
  | 'UPLOAD_JAR'
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

/** By the way of an upgrade. Before one is chosen only what they have in common is known. */
const UPGRADE: StepName[] = ['CREATE_JOB', 'FETCH_JAR', 'SAVEPOINT', 'SUBMIT', 'AWAIT_RUNNING', 'VERIFY'];
const UPGRADES: Record<string, StepName[]> = {
  WARM_SWAP: [
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
  SAME_CLUSTER: [
    'CREATE_JOB',
    'FETCH_JAR',
    'AWAIT_CLUSTER',
    'CHECK_PLAN',
    'SAVEPOINT',
    'SUBMIT',
    'AWAIT_RUNNING',
    'VERIFY',
  ],
  RESTART: [
    'CREATE_JOB',
    'FETCH_JAR',
    'SAVEPOINT',
    'TEAR_DOWN',
    'FIND_STATE',
    'SPIN_UP',
    'AWAIT_CLUSTER',
    'SUBMIT',
    'AWAIT_RUNNING',
    'VERIFY',
  ],
  IN_PLACE: ['ADD_WORKERS', 'RESCALE', 'SHED_WORKERS'],
};

const STEPS: Record<string, StepName[]> = {
  START,
  RECOVER: ['TEAR_DOWN', 'FIND_STATE', 'SPIN_UP', 'AWAIT_CLUSTER', 'SUBMIT', 'AWAIT_RUNNING'],
  ROLLBACK: ['TEAR_DOWN', 'FIND_STATE', 'CREATE_JOB', 'SUBMIT', 'AWAIT_RUNNING'],
  SUSPEND: ['SAVEPOINT', 'TEAR_DOWN'],
  CANCEL: ['STOP_JOB', 'TEAR_DOWN'],
  CLEAN_UP: ['TEAR_DOWN'],
};

/** Where a step stands that is only sometimes taken: elsewhere it would say that too much is done. */
function placeOf(phase: StepName, known: StepName[]): number {
  switch (phase) {
    case 'PRIME':
      return known.indexOf('CHECK_PLAN') + 1;
    case 'FIND_STATE':
      return Math.max(0, known.indexOf('SUBMIT'));
    case 'RETIRE':
      return known.length;
    default:
      return 0;
  }
}

/** The phases of a transition in the order in which it goes through them. */
function phasesOf(deployment: Deployment, kind: string, way: string | undefined, phase: StepName): StepName[] {
  const ofKind = kind === 'UPGRADE' ? (UPGRADES[way ?? ''] ?? UPGRADE) : (STEPS[kind] ?? []);
  const stateless = kind === 'UPGRADE' && deployment.spec?.upgradeStrategy?.kind === 'STATELESS';
  const known = ofKind
    .map((name) => (name === 'SAVEPOINT' && (stateless || phase === 'STOP_JOB') ? 'STOP_JOB' : name))
    // A session cluster's processes are not the deployment's to start.
    .filter((name) => name !== 'SPIN_UP' || name === phase || deployment.spec?.sessionClusterName === undefined);
  return known.includes(phase) ? known : known.toSpliced(placeOf(phase, known), 0, phase);
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
    case 'UPLOAD_JAR':
      return phases?.uploadedAt;
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
  const phases = phasesOf(deployment, transition.kind, transition.way, phase);
  const current = phases.indexOf(phase);
  // Where the cluster runs already, only the jar comes to it.
  const runsAlready = transition.way === 'SAME_CLUSTER' || deployment.spec?.sessionClusterName !== undefined;
  return phases.map((passed, index) => {
    const name = passed === 'AWAIT_CLUSTER' && runsAlready ? 'UPLOAD_JAR' : passed;
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
