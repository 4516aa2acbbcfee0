import { CheckCircleFilled, QuestionCircleOutlined, WarningFilled } from '@ant-design/icons';
import { Tag } from 'antd';
import { useTranslation } from 'react-i18next';
import { DataTable } from '../../ui/DataTable';
import { Link } from 'react-router';
import { useJobs } from '../../api/jobs';
import { useRestorePoints } from '../../api/deployments';
import { useLayers } from '../../api/settings';
import type { Condition, Deployment, Job } from '../../api/types';
import { CopyIcon } from '../../ui/ErrorState';
import { Facts } from '../../ui/Facts';
import { ServerText, serverWords } from '../../ui/ServerText';
import { StateBadge } from '../../ui/StateBadge';
import { Age, TimeText } from '../../ui/TimeText';
import { layerOf, type Layers } from '../editor/layers';
import styles from './Overview.module.css';
import type { TabProps } from './DeploymentPage';
import { Rescaled } from './Rescaled';
import { Stability } from './Stability';

function Layer({ path, deployment, layers }: { path: string; deployment: Deployment; layers?: Layers }) {
  const { t } = useTranslation();
  const layer = layers && layerOf(path, deployment.spec, layers);
  if (layer === undefined) return null;
  return <Tag className={styles.layer}>{t(`layer.${layer}`)}</Tag>;
}

/** Which revision runs, and whether an upgraded one has proved itself. */
function RunningRevision({ deployment, job }: TabProps & { job: Job }) {
  const { t } = useTranslation();
  const revision = deployment.status?.revision;
  const running = job.status?.revision ?? 1;
  return (
    <>
      {t('overview.revisionOf', { running, desired: revision?.desired ?? running })}{' '}
      <Stability stable={revision?.running === running ? revision.stable : undefined} />
    </>
  );
}

function RunFacts({ deployment }: TabProps) {
  const { t } = useTranslation();
  const { data: jobs } = useJobs(deployment.metadata.id);
  const { data: points } = useRestorePoints(deployment);
  const job = jobs?.values().next().value;
  const started = job?.status?.started;
  const name = encodeURIComponent(deployment.metadata.name ?? '');
  return (
    <Facts
      title={t('overview.run')}
      facts={[
        {
          label: t('overview.job'),
          value: job && (
            <Link to={`/deployments/${name}/jobs?job=${job.metadata.id}`}>
              <span className="mono">{job.metadata.id.slice(0, 8)}</span> <StateBadge state={job.status?.state} quiet />
            </Link>
          ),
        },
        { label: t('overview.flinkState'), value: started?.observedFlinkJobStatus },
        { label: t('overview.started'), value: started?.startedAt && <TimeText time={started.startedAt} /> },
        { label: t('overview.restarts'), value: started && (started.observedFlinkJobRestarts ?? 0) },
        { label: t('overview.revision'), value: job && <RunningRevision deployment={deployment} job={job} /> },
        ...(job?.status?.rescale ? [{ label: t('job.rescaled'), value: <Rescaled rescale={job.status.rescale} /> }] : []),
        {
          label: t('overview.nextStart'),
          value: points?.next?.location ? <code className="mono">{points.next.location}</code> : points && t('overview.emptyState'),
          hint: points?.next?.why,
        },
      ]}
    />
  );
}

function SpecFacts({ deployment }: TabProps) {
  const { t } = useTranslation();
  const { data: layers } = useLayers();
  const spec = deployment.spec;
  const job = spec?.template?.spec;
  const artifact = job?.artifact;
  const layer = (path: string) => <Layer path={path} deployment={deployment} layers={layers} />;
  return (
    <Facts
      title={t('overview.specification')}
      facts={[
        {
          label: t('field.jar'),
          value: artifact?.jarUri && (
            <>
              <span className="mono">{artifact.jarUri}</span> <CopyIcon text={artifact.jarUri} />
            </>
          ),
        },
        { label: t('field.entryClass'), value: artifact?.entryClass ?? <span className="soft">{t('field.fromManifest')}</span> },
        { label: t('field.mainArgs'), value: artifact?.mainArgs && <code className="mono">{artifact.mainArgs}</code> },
        { label: t('field.flink'), value: <>{artifact?.flinkVersion ?? t('field.default')} {layer('template.spec.artifact.flinkVersion')}</> },
        { label: t('field.parallelism'), value: <>{job?.parallelism ?? 1} {layer('template.spec.parallelism')}</> },
        {
          label: t('field.taskManagers'),
          value: <>{job?.numberOfTaskManagers ?? job?.parallelism ?? 1} {layer('template.spec.numberOfTaskManagers')}</>,
        },
        { label: t('field.spareTaskManagers'), value: <>{spec?.spareTaskManagers ?? 0} {layer('spareTaskManagers')}</> },
        {
          label: 'JobManager',
          value: <>{job?.resources?.jobmanager?.cpu ?? 1} CPU · {job?.resources?.jobmanager?.memory ?? '2G'} {layer('template.spec.resources.jobmanager.memory')}</>,
        },
        {
          label: 'TaskManager',
          value: <>{job?.resources?.taskmanager?.cpu ?? 1} CPU · {job?.resources?.taskmanager?.memory ?? '2G'} {layer('template.spec.resources.taskmanager.memory')}</>,
        },
        { label: t('field.upgradeStrategy'), value: <>{spec?.upgradeStrategy?.kind} {spec?.upgradeStrategy?.mode} {layer('upgradeStrategy.kind')}</> },
        { label: t('field.restoreStrategy'), value: <>{spec?.restoreStrategy?.kind} {layer('restoreStrategy.kind')}</> },
        spec?.sessionClusterName === undefined
          ? { label: t('field.target'), value: spec?.deploymentTargetName }
          : { label: t('field.sessionCluster'), value: spec.sessionClusterName },
      ]}
    />
  );
}

type Watched = 'ClusterUnreachable' | 'JobFailing' | 'JobUnstable' | 'StateAtRisk';

/** A condition in words of its own: each says what would be bad, so that False is the good news. */
function Health({ condition }: { condition: Condition }) {
  const { t } = useTranslation();
  const type = condition.type as Watched;
  const since = condition.lastTransitionTime && (
    <span className="soft">
      · <Age time={condition.lastTransitionTime} />
    </span>
  );
  if (condition.status === 'True')
    return <><WarningFilled style={{ color: 'var(--bad-text)' }} aria-hidden /> <strong>{t(`health.${type}.bad`)}</strong> {since}</>;
  if (condition.status === 'False')
    return <><CheckCircleFilled style={{ color: 'var(--good-text)' }} aria-hidden /> {t(`health.${type}.good`)} {since}</>;
  return <><QuestionCircleOutlined aria-hidden /> {t('health.unknown')} {since}</>;
}

function HealthFacts({ deployment }: TabProps) {
  const { t } = useTranslation();
  const conditions = deployment.status?.running?.conditions ?? [];
  return (
    <Facts
      title={t('overview.health')}
      facts={
        conditions.length > 0
          ? conditions.map((condition) => ({
              label: t(`health.${condition.type as Watched}.label`, { defaultValue: condition.type }),
              value: <Health condition={condition} />,
              hint: condition.message && <ServerText words={serverWords(t, 'reason', condition.reason)} text={condition.message} />,
            }))
          : [{ label: t('overview.conditions'), value: t('overview.notRunning') }]
      }
    />
  );
}

function Configuration({ deployment }: TabProps) {
  const { t } = useTranslation();
  const { data: jobs } = useJobs(deployment.metadata.id);
  const { data: layers } = useLayers();
  const job = jobs?.values().next().value;
  const own = deployment.spec?.template?.spec?.flinkConfiguration ?? {};
  const effective = job?.spec?.flinkConfiguration ?? own;
  const rows = Object.entries(effective).map(([key, value]) => ({
    key,
    value,
    layer:
      key in own
        ? layers
          ? layerOf(`template.spec.flinkConfiguration`, deployment.spec, layers, key)
          : undefined
        : ('weir' as const),
  }));
  return (
    <section className={styles.wide} aria-label={t('overview.configuration')}>
      <h2>{t('overview.configuration')}</h2>
      <DataTable
        label={t('overview.configuration')}
        size="small"
        pagination={false}
        rowKey="key"
        dataSource={rows}
        minWidth={560}
        columns={[
          { title: t('overview.key'), dataIndex: 'key', render: (key: string) => <code className="mono">{key}</code> },
          { title: t('overview.value'), dataIndex: 'value', render: (value: string) => <code className="mono break">{value}</code> },
          { title: t('overview.from'), dataIndex: 'layer', width: 180, render: (layer?: 'weir') => layer && <Tag className={styles.layer}>{t(`layer.${layer}`)}</Tag> },
        ]}
      />
    </section>
  );
}

export default function Overview({ deployment }: TabProps) {
  return (
    <div className={styles.grid}>
      <div className={styles.column}>
        <RunFacts deployment={deployment} />
        <HealthFacts deployment={deployment} />
      </div>
      <SpecFacts deployment={deployment} />
      <Configuration deployment={deployment} />
    </div>
  );
}
