import type { components } from './schema';

type Schemas = components['schemas'];

/** A stored resource always has its metadata; the document describes requests too, where it may lack. */
type Stored<T extends { metadata?: unknown }> = T & {
  metadata: Schemas['Metadata'] & { id: string };
};

export type Deployment = Stored<Schemas['Deployment']>;
export type DeploymentSpec = Schemas['DeploymentSpec'];
export type Job = Stored<Schemas['Job']>;
export type Savepoint = Stored<Schemas['Savepoint']>;
export type WeirEvent = Stored<Schemas['Event']>;
export type DeploymentTarget = Stored<Schemas['DeploymentTarget']>;
export type SessionCluster = Stored<Schemas['SessionCluster']>;
export type SessionClusterState = NonNullable<Schemas['SessionClusterStatus']['state']>;
export type DeploymentDefaults = Stored<Schemas['DeploymentDefaults']>;
export type SecretValue = Stored<Schemas['SecretValue']>;
export type Revision = Stored<Schemas['Revision']>;
export type RestorePointList = Schemas['RestorePointList'];
export type RestorePointItem = Schemas['RestorePointItem'];
export type DesiredState = NonNullable<DeploymentSpec['state']>;
export type ObservedState = NonNullable<Schemas['DeploymentStatus']['state']>;
export type JobState = NonNullable<Schemas['JobStatus']['state']>;
export type SavepointState = NonNullable<Schemas['SavepointStatus']['state']>;
export type TransitionStatus = Schemas['TransitionStatus'];
/** A namespace as the console shows it; the platform API qualifies both. */
export type NamespacePhase = 'ACTIVE' | 'TERMINATING';
export interface Namespace {
  name: string;
  phase: NamespacePhase;
}
export type Condition = Schemas['Condition'];
export type Failure = Schemas['Failure'];

/** The kinds that the live feed tells of. */
export interface KindMap {
  Deployment: Deployment;
  Job: Job;
  Savepoint: Savepoint;
  Event: WeirEvent;
  DeploymentTarget: DeploymentTarget;
  DeploymentDefaults: DeploymentDefaults;
  SecretValue: SecretValue;
  SessionCluster: SessionCluster;
}
export type Kind = keyof KindMap;
export type AnyResource = KindMap[Kind];
