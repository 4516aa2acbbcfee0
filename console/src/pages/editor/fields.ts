import type { Layers } from './layers';
import { defaultOf } from './layers';

export type FieldKind = 'text' | 'number' | 'choice' | 'switch' | 'switchedOn' | 'entrySwitch' | 'artifact' | 'version' | 'target' | 'session' | 'labels' | 'configuration' | 'loggers';

export interface Field {
  /** Where the value stands in the document. */
  path: string;
  /** Key of its texts: `form.<text>` and `form.<text>Help`. */
  text: FieldText;
  kind: FieldKind;
  choices?: readonly string[];
  /** Of an entry switch: the key in the map at `path`. */
  entry?: string;
  placeholder?: string;
  /** For widths: two of these fit beside each other. */
  half?: boolean;
  advanced?: boolean;
  /** The field that is emptied when this one is given: the two exclude each other. */
  instead?: string;
}

export type FieldText =
  | 'name'
  | 'displayName'
  | 'labels'
  | 'state'
  | 'jar'
  | 'entryClass'
  | 'mainArgs'
  | 'flinkVersion'
  | 'parallelism'
  | 'taskManagers'
  | 'spareTaskManagers'
  | 'jobManagerCpu'
  | 'jobManagerMemory'
  | 'taskManagerCpu'
  | 'taskManagerMemory'
  | 'configuration'
  | 'upgrade'
  | 'upgradeMode'
  | 'rollback'
  | 'stabilityTime'
  | 'stabilityCheckpoints'
  | 'stabilityRestarts'
  | 'restore'
  | 'allowNonRestored'
  | 'target'
  | 'sessionCluster'
  | 'savepointAttempts'
  | 'jobAttempts'
  | 'failureExpiration'
  | 'retentionCount'
  | 'retentionAge'
  | 'cron'
  | 'cronZone'
  | 'loggers'
  | 'production'
  | 'tls'
  | 'queryableState';

export interface Section {
  key: 'identity' | 'artifact' | 'resources' | 'configuration' | 'behaviour' | 'savepoints' | 'logging';
  advanced?: boolean;
  fields: Field[];
}

const JOB = 'spec.template.spec';
const ANNOTATIONS = 'spec.template.metadata.annotations';

export const SECTIONS: Section[] = [
  {
    key: 'identity',
    fields: [
      { path: 'metadata.name', text: 'name', kind: 'text', half: true, placeholder: 'word-count' },
      { path: 'metadata.displayName', text: 'displayName', kind: 'text', half: true },
      { path: 'metadata.labels', text: 'labels', kind: 'labels' },
      { path: 'spec.state', text: 'state', kind: 'choice', choices: ['RUNNING', 'SUSPENDED', 'CANCELLED'], half: true },
      { path: 'spec.production', text: 'production', kind: 'switchedOn', half: true },
    ],
  },
  {
    key: 'artifact',
    fields: [
      { path: `${JOB}.artifact.jarUri`, text: 'jar', kind: 'artifact' },
      { path: `${JOB}.artifact.entryClass`, text: 'entryClass', kind: 'text', half: true, placeholder: 'com.example.WordCount' },
      { path: `${JOB}.artifact.flinkVersion`, text: 'flinkVersion', kind: 'version', half: true },
      { path: `${JOB}.artifact.mainArgs`, text: 'mainArgs', kind: 'text', placeholder: '--input topic-a' },
    ],
  },
  {
    key: 'resources',
    fields: [
      { path: `${JOB}.parallelism`, text: 'parallelism', kind: 'number', half: true },
      { path: `${JOB}.numberOfTaskManagers`, text: 'taskManagers', kind: 'number', half: true },
      { path: 'spec.spareTaskManagers', text: 'spareTaskManagers', kind: 'number', half: true, placeholder: '0' },
      { path: `${JOB}.resources.taskmanager.cpu`, text: 'taskManagerCpu', kind: 'number', half: true },
      { path: `${JOB}.resources.taskmanager.memory`, text: 'taskManagerMemory', kind: 'text', half: true },
      { path: `${JOB}.resources.jobmanager.cpu`, text: 'jobManagerCpu', kind: 'number', half: true },
      { path: `${JOB}.resources.jobmanager.memory`, text: 'jobManagerMemory', kind: 'text', half: true },
    ],
  },
  { key: 'configuration', fields: [{ path: `${JOB}.flinkConfiguration`, text: 'configuration', kind: 'configuration' }] },
  {
    key: 'behaviour',
    advanced: true,
    fields: [
      { path: 'spec.upgradeStrategy.kind', text: 'upgrade', kind: 'choice', choices: ['STATEFUL', 'STATELESS', 'NONE'], half: true },
      { path: 'spec.upgradeStrategy.mode', text: 'upgradeMode', kind: 'choice', choices: ['AUTO', 'IN_PLACE', 'WARM_SWAP', 'SAME_CLUSTER', 'RESTART'], half: true },
      { path: 'spec.upgradeStrategy.rollback', text: 'rollback', kind: 'choice', choices: ['ON_FAILURE', 'ON_INSTABILITY', 'OFF'], half: true },
      { path: 'spec.upgradeStrategy.stability.time', text: 'stabilityTime', kind: 'text', half: true, placeholder: '2m' },
      { path: 'spec.upgradeStrategy.stability.checkpoints', text: 'stabilityCheckpoints', kind: 'number', half: true, placeholder: '3' },
      { path: 'spec.upgradeStrategy.stability.restarts', text: 'stabilityRestarts', kind: 'number', half: true, placeholder: '3' },
      { path: 'spec.restoreStrategy.kind', text: 'restore', kind: 'choice', choices: ['LATEST_STATE', 'LATEST_SAVEPOINT', 'NONE'], half: true },
      { path: 'spec.restoreStrategy.allowNonRestoredState', text: 'allowNonRestored', kind: 'switch', half: true },
      { path: 'spec.deploymentTargetName', text: 'target', kind: 'target', half: true, instead: 'spec.sessionClusterName' },
      {
        path: 'spec.sessionClusterName',
        text: 'sessionCluster',
        kind: 'session',
        half: true,
        instead: 'spec.deploymentTargetName',
      },
      { path: 'spec.maxJobCreationAttempts', text: 'jobAttempts', kind: 'number', half: true },
      { path: 'spec.maxSavepointCreationAttempts', text: 'savepointAttempts', kind: 'number', half: true },
      { path: 'spec.jobFailureExpirationTime', text: 'failureExpiration', kind: 'text', half: true, placeholder: '30 min' },
      { path: ANNOTATIONS, entry: 'flink.security.ssl.enabled', text: 'tls', kind: 'entrySwitch', half: true },
      { path: ANNOTATIONS, entry: 'flink.queryable-state.enabled', text: 'queryableState', kind: 'entrySwitch', half: true },
    ],
  },
  {
    key: 'savepoints',
    advanced: true,
    fields: [
      { path: 'spec.savepointPolicy.schedule.cron', text: 'cron', kind: 'text', half: true, placeholder: '0 3 * * *' },
      { path: 'spec.savepointPolicy.schedule.timeZone', text: 'cronZone', kind: 'text', half: true, placeholder: 'UTC' },
      { path: 'spec.savepointPolicy.retention.count', text: 'retentionCount', kind: 'number', half: true },
      { path: 'spec.savepointPolicy.retention.age', text: 'retentionAge', kind: 'text', half: true, placeholder: '30 d' },
    ],
  },
  { key: 'logging', advanced: true, fields: [{ path: `${JOB}.logging.log4jLoggers`, text: 'loggers', kind: 'loggers' }] },
];

export const ALL_FIELDS: Field[] = SECTIONS.flatMap(({ fields }) => fields);

/** The default of a field of the form, whose paths begin at the document. */
export function fieldDefault(path: string, layers: Layers | undefined) {
  return path.startsWith('spec.') ? defaultOf(path.slice('spec.'.length), layers) : undefined;
}

/** Flink keys that are often wanted, with an example value each. */
export const COMMON_KEYS: Record<string, string> = {
  'execution.checkpointing.interval': '30 s',
  'execution.checkpointing.mode': 'EXACTLY_ONCE',
  'execution.checkpointing.timeout': '10 min',
  'execution.checkpointing.min-pause': '10 s',
  'execution.checkpointing.unaligned.enabled': 'true',
  'state.backend.type': 'rocksdb',
  'state.backend.incremental': 'true',
  'state.savepoints.dir': 'file:///data/savepoints',
  'state.checkpoints.dir': 'file:///data/checkpoints',
  'state.checkpoints.num-retained': '3',
  'restart-strategy.type': 'exponential-delay',
  'taskmanager.numberOfTaskSlots': '2',
  'taskmanager.memory.managed.fraction': '0.4',
  'pipeline.object-reuse': 'true',
  'table.exec.state.ttl': '1 d',
};
