/** The names of everything in the query cache. */
export const keys = {
  deployments: ['deployments'] as const,
  deployment: (name: string) => ['deployment', name] as const,
  jobs: (deploymentId: string) => ['jobs', deploymentId] as const,
  job: (id: string) => ['job', id] as const,
  savepoints: (deploymentId: string) => ['savepoints', deploymentId] as const,
  events: (deploymentId: string) => ['events', deploymentId] as const,
  lastEvent: (deploymentId: string) => ['last-event', deploymentId] as const,
  /** What the server computes for a deployment from several resources. */
  derived: (deploymentId: string) => ['derived', deploymentId] as const,
  restorePoints: (deploymentId: string) => ['derived', deploymentId, 'restore-points'] as const,
  revisions: (deploymentId: string) => ['derived', deploymentId, 'revisions'] as const,
  revisionDiff: (deploymentId: string, from: number, to: number) =>
    ['revision-diff', deploymentId, from, to] as const,
  graph: (jobId: string) => ['graph', jobId] as const,
  metrics: (jobId: string, names: string[], range: object) => ['metrics', jobId, names, range] as const,
  availableMetrics: (jobId: string) => ['metrics', jobId, 'available'] as const,
  artifacts: ['artifacts'] as const,
  targets: ['targets'] as const,
  sessionClusters: ['session-clusters'] as const,
  sessionJobs: ['session-jobs'] as const,
  defaults: ['defaults'] as const,
  secrets: ['secrets'] as const,
  namespaces: ['namespaces'] as const,
  system: ['system'] as const,
  flinkVersions: ['flink-versions'] as const,
  openapi: ['openapi'] as const,
};
