import { CopyOutlined, ExportOutlined, FileSearchOutlined, FilterOutlined, LineChartOutlined } from '@ant-design/icons';
import { App, Button, type ButtonProps, Input, Segmented, Select, Skeleton } from 'antd';
import { type ReactNode, useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useNavigate, useSearchParams } from 'react-router';
import { basePath, NAMESPACE } from '../../api/client';
import { useEvents } from '../../api/jobs';
import type { Deployment, WeirEvent } from '../../api/types';
import { EmptyState } from '../../ui/EmptyState';
import { ErrorState } from '../../ui/ErrorState';
import { eventLine, ServerText, serverWords } from '../../ui/ServerText';
import { TimeText } from '../../ui/TimeText';
import type { TabProps } from './DeploymentPage';
import { groupEvents, type EventGroup, newestOf } from './event-groups';
import { JobDrawer } from './JobDrawer';
import styles from './Events.module.css';

type Level = 'ALL' | 'WARNING' | 'ERROR';

/** How many events are drawn at once: each has its buttons, and a page of thousands is slow. */
const PAGE = 200;

interface EventProps {
  deployment: Deployment;
  onJob: (id: string) => void;
}

function EventActions({ event, deployment, onJob }: EventProps & { event: WeirEvent }) {
  const { t } = useTranslation();
  const { message } = App.useApp();
  const navigate = useNavigate();
  const { spec, metadata } = event;
  const jobId = metadata.jobId;
  const page = `/deployments/${encodeURIComponent(deployment.metadata.name ?? '')}`;
  const text = [spec?.message, spec?.cause].filter(Boolean).join('\n');
  const around = new URLSearchParams({ around: metadata.createdAt ?? '', ...(jobId ? { job: jobId } : {}) });
  const button = (label: string, icon: ReactNode, act: Partial<ButtonProps>) => (
    <Button type="text" size="small" icon={icon} aria-label={label} title={label} {...act} />
  );
  return (
    <span className={styles.actions}>
      {button(t('events.copy'), <CopyOutlined />, {
        onClick: () =>
          navigator.clipboard.writeText(text).then(
            () => message.success(t('action.copied')),
            () => message.error(t('action.copyFailed')),
          ),
      })}
      {jobId && button(t('events.jobDetails'), <FileSearchOutlined />, { onClick: () => onJob(jobId) })}
      {button(t('events.metrics'), <LineChartOutlined />, { onClick: () => void navigate(`${page}/metrics?${around}`) })}
      {jobId && button(t('events.onlyThis'), <FilterOutlined />, { onClick: () => void navigate(`${page}/events?job=${jobId}`) })}
      {jobId &&
        jobId === deployment.status?.running?.jobId &&
        button(t('events.flinkUi'), <ExportOutlined />, {
          href: `${basePath}/flink-ui/v1/namespaces/${NAMESPACE}/jobs/${jobId}/`,
          target: '_blank',
        })}
    </span>
  );
}

function EventLine({ event, ...props }: EventProps & { event: WeirEvent }) {
  const { t, i18n } = useTranslation();
  const { spec, metadata } = event;
  const words = serverWords(t, 'event', metadata.name) ?? metadata.name;
  const line = eventLine(t, i18n.language, metadata.name, spec?.reason, spec?.message);
  return (
    <li className={styles.event} data-level={spec?.level}>
      <span className={styles.time}>
        <TimeText time={metadata.createdAt} milliseconds />
      </span>
      <div className={styles.body}>
        <div className={styles.message}>{line}</div>
        {line !== spec?.message && (
          <div className="server-text" lang="en">
            {spec?.message}
          </div>
        )}
        {spec?.cause && <pre className={styles.cause}>{spec.cause}</pre>}
        <div className={styles.meta}>
          {line === spec?.message && <span title={metadata.name}>{words}</span>}
          {spec?.level && spec.level !== 'INFO' && <strong>{t(`events.level.${spec.level}`)}</strong>}
          {spec?.actor && <span>{t('events.actor', { actor: spec.actor })}</span>}
          {spec?.revision !== undefined && <span>{t('events.revision', { revision: spec.revision })}</span>}
        </div>
      </div>
      <EventActions event={event} {...props} />
    </li>
  );
}

function Group({ group, ...props }: EventProps & { group: EventGroup }) {
  const { t } = useTranslation();
  return (
    <section className={styles.group} aria-label={group.first?.spec?.message ?? t('events.title')}>
      <div className={styles.groupHead} data-level={group.level}>
        <strong>
          {group.first ? (
            <ServerText words={serverWords(t, 'event', group.first.metadata.name)} text={group.first.spec?.message} />
          ) :
            (group.jobId ? t('events.job', { id: group.jobId.slice(0, 8) }) : t('events.deployment'))}
        </strong>
        {group.first && group.jobId && <span className="soft mono">{group.jobId.slice(0, 8)}</span>}
        <span className="soft">{t('events.count', { count: group.count })}</span>
      </div>
      <ol className={styles.events}>
        {group.events.map((event) => (
          <EventLine key={event.metadata.id} event={event} {...props} />
        ))}
      </ol>
    </section>
  );
}

/** Everything that happened, newest first, grouped by what belongs together. */
export default function Events({ deployment }: TabProps) {
  const { t } = useTranslation();
  const { data, error, isPending, refetch } = useEvents(deployment.metadata.id);
  const [query, setQuery] = useSearchParams();
  const [text, setText] = useState('');
  const [level, setLevel] = useState<Level>('ALL');
  const [shownJob, setShownJob] = useState<string | null>(null);
  const jobId = query.get('job') ?? '';
  const all = useMemo(() => [...(data?.values() ?? [])], [data]);
  const jobs = useMemo(
    () => [...new Set(all.map((event) => event.metadata.jobId).filter((id) => id !== undefined))],
    [all],
  );
  const [most, setMost] = useState(PAGE);
  const found = useMemo(() => {
    const wanted = text.toLowerCase();
    return all.filter(
        ({ metadata, spec }) =>
          (jobId === '' || metadata.jobId === jobId) &&
          (level === 'ALL' || spec?.level === level || (level === 'WARNING' && spec?.level === 'ERROR')) &&
          (wanted === '' || `${metadata.name} ${serverWords(t, 'event', metadata.name) ?? ''} ${spec?.message} ${spec?.cause ?? ''}`.toLowerCase().includes(wanted)),
    );
  }, [all, jobId, level, text, t]);
  const groups = useMemo(() => newestOf(groupEvents(found), most), [found, most]);
  if (error && !data) return <ErrorState error={error} retry={() => void refetch()} />;
  if (isPending) return <Skeleton active />;
  if (all.length === 0) return <EmptyState title={t('events.none')} hint={t('events.noneHint')} />;
  return (
    <>
      <div className={styles.filters}>
        <Input
          allowClear
          className={styles.search}
          placeholder={t('events.search')}
          aria-label={t('events.search')}
          value={text}
          onChange={(event) => setText(event.target.value)}
        />
        <Segmented<Level>
          aria-label={t('events.levels')}
          value={level}
          onChange={setLevel}
          options={[
            { value: 'ALL', label: t('events.all') },
            { value: 'WARNING', label: t('events.warnings') },
            { value: 'ERROR', label: t('events.errors') },
          ]}
        />
        <Select
          className={styles.jobs}
          aria-label={t('events.onlyJob')}
          value={jobId}
          onChange={(id: string) => setQuery(id === '' ? {} : { job: id }, { replace: true })}
          options={[
            { value: '', label: t('events.allJobs') },
            ...jobs.map((id) => ({ value: id, label: t('events.job', { id: id.slice(0, 8) }) })),
          ]}
        />
      </div>
      {groups.length === 0 && <EmptyState title={t('events.noMatch')} />}
      {groups.map((group) => (
        <Group key={group.key} group={group} deployment={deployment} onJob={setShownJob} />
      ))}
      {found.length > most && (
        <Button block onClick={() => setMost(most + PAGE)}>
          {t('events.older', { count: found.length - most })}
        </Button>
      )}
      {shownJob && <JobDrawer deployment={deployment} jobId={shownJob} onClose={() => setShownJob(null)} />}
    </>
  );
}
