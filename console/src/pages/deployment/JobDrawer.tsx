import { ExportOutlined, FileTextOutlined } from '@ant-design/icons';
import { Alert, Button, Drawer, Skeleton, Space, Tooltip } from 'antd';
import { lazy, Suspense } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { stringify } from 'yaml';
import { basePath, NAMESPACE } from '../../api/client';
import { useJob } from '../../api/jobs';
import type { Deployment, Job } from '../../api/types';
import { formatDuration } from '../../format/time';
import { CopyIcon, ErrorState } from '../../ui/ErrorState';
import { Facts } from '../../ui/Facts';
import { serverWords } from '../../ui/ServerText';
import { StateBadge } from '../../ui/StateBadge';
import { TimeText } from '../../ui/TimeText';
import { Rescaled } from './Rescaled';

const YamlView = lazy(() => import('../../ui/YamlView'));

const PHASES = [
  'requestedAt',
  'processesAt',
  'restAt',
  'slotsAt',
  'uploadedAt',
  'stoppingAt',
  'submittedAt',
  'runningAt',
] as const;

/** What each step of the start took, counted from the first one. */
function StartFacts({ job }: { job: Job }) {
  const { t } = useTranslation();
  const phases = job.status?.phases;
  const first = phases?.requestedAt;
  if (!phases || !first) return null;
  return (
    <Facts
      title={t('job.phases')}
      facts={PHASES.filter((phase) => phases[phase]).map((phase) => ({
        label: t(`job.phase.${phase}`),
        value: (
          <>
            <TimeText time={phases[phase]} milliseconds />{' '}
            <span className="soft">+{formatDuration(Date.parse(phases[phase] ?? first) - Date.parse(first))}</span>
          </>
        ),
      }))}
    />
  );
}

function Details({ job }: { job: Job }) {
  const { t } = useTranslation();
  const started = job.status?.started;
  return (
    <Space orientation="vertical" size="middle" style={{ width: '100%' }}>
      {job.status?.failure && (
        <Alert
          type="error"
          showIcon
          title={serverWords(t, 'reason', job.status.failure.reason) ?? (job.status.failure.reason || t('state.FAILED'))}
          description={<pre className="mono break" style={{ whiteSpace: 'pre-wrap', margin: 0 }}>{job.status.failure.message}</pre>}
        />
      )}
      <Facts
        title={t('job.facts')}
        facts={[
          { label: t('field.state'), value: <StateBadge state={job.status?.state} /> },
          { label: t('job.id'), value: <><code className="mono">{job.metadata.id}</code> <CopyIcon text={job.metadata.id} /></> },
          { label: t('job.flinkId'), value: started?.flinkJobId && <><code className="mono">{started.flinkJobId}</code> <CopyIcon text={started.flinkJobId} /></> },
          { label: t('job.created'), value: <TimeText time={job.metadata.createdAt} /> },
          { label: t('job.started'), value: <TimeText time={started?.startedAt} /> },
          { label: t('job.terminated'), value: <TimeText time={job.metadata.terminatedAt} /> },
          { label: t('job.restarts'), value: started?.observedFlinkJobRestarts },
          { label: t('job.revision'), value: job.status?.revision },
          { label: t('job.way'), value: job.status?.way && t(`way.${job.status.way}`) },
          ...(job.status?.rescale ? [{ label: t('job.rescaled'), value: <Rescaled rescale={job.status.rescale} /> }] : []),
          { label: t('job.restoredFrom'), value: job.spec?.savepointLocation && <code className="mono">{job.spec.savepointLocation}</code> },
        ]}
      />
      <StartFacts job={job} />
      <section aria-label={t('job.configuration')}>
        <h2 style={{ fontSize: 14 }}>{t('job.configuration')}</h2>
        <Suspense fallback={<Skeleton active />}>
          <YamlView text={stringify(job.spec ?? {})} label={t('job.configuration')} />
        </Suspense>
      </section>
    </Space>
  );
}

/** A job with the exact configuration that it runs or ran with. */
export function JobDrawer({ deployment, jobId, onClose }: { deployment: Deployment; jobId: string; onClose: () => void }) {
  const { t } = useTranslation();
  const { data, error, isPending, refetch } = useJob(jobId);
  const live = deployment.status?.running?.jobId === jobId;
  const name = encodeURIComponent(deployment.metadata.name ?? '');
  return (
    <Drawer
      open
      size={720}
      onClose={onClose}
      title={t('job.title', { id: jobId.slice(0, 8) })}
      extra={
        <Space>
          <Link to={`/deployments/${name}/logs?job=${jobId}`}>
            <Button icon={<FileTextOutlined />} tabIndex={-1}>
              {t('tab.logs')}
            </Button>
          </Link>
          <Tooltip title={live ? undefined : t('job.uiGone')}>
            <Button
              icon={<ExportOutlined />}
              aria-disabled={!live}
              className={live ? undefined : 'blocked'}
              href={live ? `${basePath}/flink-ui/v1/namespaces/${NAMESPACE}/jobs/${jobId}/` : undefined}
              target="_blank"
            >
              Flink UI
            </Button>
          </Tooltip>
        </Space>
      }
    >
      {error && <ErrorState error={error} retry={() => void refetch()} />}
      {isPending && <Skeleton active />}
      {data && <Details job={data} />}
    </Drawer>
  );
}
