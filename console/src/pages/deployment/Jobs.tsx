import { Button, Skeleton } from 'antd';
import { useTranslation } from 'react-i18next';
import { DataTable } from '../../ui/DataTable';
import { Link, useSearchParams } from 'react-router';
import { useJobs } from '../../api/jobs';
import type { Job } from '../../api/types';
import { formatDuration, useNow } from '../../format/time';
import { EmptyState } from '../../ui/EmptyState';
import { ErrorState } from '../../ui/ErrorState';
import { StateBadge } from '../../ui/StateBadge';
import { TimeText } from '../../ui/TimeText';
import type { TabProps } from './DeploymentPage';
import { JobDrawer } from './JobDrawer';

function Runtime({ job }: { job: Job }) {
  const now = useNow();
  const from = job.status?.started?.startedAt;
  if (!from) return <span aria-hidden="true">–</span>;
  const to = job.metadata.terminatedAt;
  return <span className="nowrap">{formatDuration((to ? Date.parse(to) : now) - Date.parse(from))}</span>;
}

/** Every job that this deployment had, newest first. */
export default function Jobs({ deployment }: TabProps) {
  const { t } = useTranslation();
  const { data, error, isPending, refetch } = useJobs(deployment.metadata.id);
  const [query, setQuery] = useSearchParams();
  const shown = query.get('job');
  const name = encodeURIComponent(deployment.metadata.name ?? '');
  if (error && !data) return <ErrorState error={error} retry={() => void refetch()} />;
  if (isPending) return <Skeleton active />;
  const rescaled = [...data.values()].some(({ status }) => status?.rescale);
  if (data.size === 0) return <EmptyState title={t('jobs.none')} hint={t('jobs.noneHint')} />;
  return (
    <>
      <DataTable<Job>
        label={t('tab.jobs')}
        size="middle"
        rowKey={(job) => job.metadata.id}
        dataSource={[...data.values()]}
        pagination={{ pageSize: 50, hideOnSinglePage: true }}
        minWidth={860}
        columns={[
          {
            title: t('job.id'),
            render: (_, job) => (
              <Button type="link" style={{ padding: 0 }} onClick={() => setQuery({ job: job.metadata.id })}>
                <span className="mono">{job.metadata.id.slice(0, 8)}</span>
              </Button>
            ),
          },
          { title: t('field.state'), render: (_, job) => <StateBadge state={job.status?.state} /> },
          { title: t('job.revision'), render: (_, job) => job.status?.revision ?? 1 },
          { title: t('job.created'), render: (_, job) => <TimeText time={job.metadata.createdAt} /> },
          { title: t('job.terminated'), render: (_, job) => <TimeText time={job.metadata.terminatedAt} /> },
          { title: t('job.runtime'), render: (_, job) => <Runtime job={job} /> },
          { title: t('job.restarts'), render: (_, job) => job.status?.started?.observedFlinkJobRestarts ?? '–' },
          // When and how long stands in the job's details.
          ...(rescaled
            ? [{ title: t('job.rescaled'), render: (_: unknown, { status }: Job) => (status?.rescale ? t('job.rescaledFromTo', { from: status.rescale.from, to: status.rescale.to }) : '–') }]
            : []),
          { title: t('job.way'), render: (_, job) => <span className="nowrap">{job.status?.way ? t(`way.${job.status.way}`) : '–'}</span> },
          {
            title: '',
            render: (_, job) => (
              <span className="nowrap">
                <Link to={`/deployments/${name}/events?job=${job.metadata.id}`}>{t('tab.events')}</Link>
                {' · '}
                <Link to={`/deployments/${name}/logs?job=${job.metadata.id}`}>{t('tab.logs')}</Link>
              </span>
            ),
          },
        ]}
      />
      {shown && <JobDrawer deployment={deployment} jobId={shown} onClose={() => setQuery({})} />}
    </>
  );
}
