import { DownloadOutlined, VerticalAlignBottomOutlined } from '@ant-design/icons';
import { useVirtualizer } from '@tanstack/react-virtual';
import { Button, Input, Select, Space, Switch, Tag } from 'antd';
import { useEffect, useMemo, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useSearchParams } from 'react-router';
import { baseUrl, fetchPath, NAMESPACE } from '../../api/client';
import { ApiError } from '../../api/errors';
import { useJobs } from '../../api/jobs';
import type { Deployment } from '../../api/types';
import { EmptyState } from '../../ui/EmptyState';
import { ErrorState } from '../../ui/ErrorState';
import type { TabProps } from './DeploymentPage';
import { filterLines, LEVELS, type LogLevel, LogLines } from './log-lines';
import styles from './Logs.module.css';

interface Source {
  /** "jobmanager", or the TaskManager's number. */
  process: string;
  stream: 'log' | 'out';
  job: string;
  follow: boolean;
}

const TAIL_BYTES = 512 * 1024;

function pathOf(deployment: Deployment, { process, stream, job, follow }: Source, tail = TAIL_BYTES): string {
  const query = new URLSearchParams({ stream, tail: String(tail) });
  if (process === 'jobmanager') query.set('role', 'jobmanager');
  else {
    query.set('role', 'taskmanager');
    query.set('index', process);
  }
  if (job) query.set('job', job);
  if (follow) query.set('follow', 'true');
  return `api/v1/namespaces/${NAMESPACE}/deployments/${deployment.metadata.id}/logs?${query}`;
}

interface LogState {
  log: LogLines;
  version: number;
  state: 'loading' | 'open' | 'ended';
  error: unknown;
}

/** Reads the log, and goes on reading where it is followed. Hidden tabs hold no connection. */
function useLog(deployment: Deployment, source: Source, attempt: number): LogState {
  const [seen, setSeen] = useState<LogState>({ log: new LogLines(), version: 0, state: 'loading', error: null });
  const path = pathOf(deployment, source);
  useEffect(() => {
    const log = new LogLines();
    const abort = new AbortController();
    const tell = (state: LogState['state'], error: unknown = null) => {
      if (!abort.signal.aborted) setSeen({ log, version: log.version, state, error });
    };
    tell('loading');
    const read = async () => {
      const response = await fetchPath(path, { signal: abort.signal });
      const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
      tell('open');
      for (let part = await reader?.read(); part && !part.done; part = await reader?.read()) {
        log.push(part.value);
        tell('open');
      }
      log.end();
      tell('ended');
    };
    read().catch((error: unknown) => tell('ended', error));
    return () => abort.abort();
  }, [path, attempt]);
  return seen;
}

function Lines({ log, least, text, stick, onStick }: { log: LogState; least: LogLevel | 'ALL'; text: string; stick: boolean; onStick: (stick: boolean) => void }) {
  const { t } = useTranslation();
  const scroller = useRef<HTMLDivElement>(null);
  // The version stands for what the lines hold, which are written in place.
  const lines = useMemo(() => filterLines(log.log.lines, least, text), [log.log, log.version, least, text]);
  const virtual = useVirtualizer({
    count: lines.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => 19,
    overscan: 30,
  });
  useEffect(() => {
    if (stick && lines.length > 0) virtual.scrollToIndex(lines.length - 1, { align: 'end' });
  }, [stick, lines, virtual]);
  if (lines.length === 0 && log.state !== 'loading')
    return <EmptyState title={t(log.log.lines.length === 0 ? 'logs.empty' : 'logs.noMatch')} />;
  return (
    <div
      ref={scroller}
      className={styles.lines}
      tabIndex={0}
      role="log"
      aria-label={t('tab.logs')}
      aria-live="off"
      onScroll={({ currentTarget: view }) => {
        const atEnd = view.scrollHeight - view.scrollTop - view.clientHeight < 30;
        if (atEnd !== stick) onStick(atEnd);
      }}
    >
      <div style={{ height: virtual.getTotalSize(), position: 'relative' }}>
        {virtual.getVirtualItems().map((item) => {
          const line = lines[item.index];
          return (
            line && (
              <div
                key={line.number}
                ref={virtual.measureElement}
                data-index={item.index}
                data-level={line.level}
                className={styles.line}
                style={{ transform: `translateY(${item.start}px)` }}
              >
                <span className={styles.number} aria-hidden="true">
                  {line.number}
                </span>
                <span className={styles.text}>{line.text}</span>
              </div>
            )
          );
        })}
      </div>
    </div>
  );
}

function useSource(deployment: Deployment): [Source, (change: Partial<Source>) => void] {
  const [query, setQuery] = useSearchParams();
  const source: Source = {
    process: query.get('process') ?? 'jobmanager',
    stream: query.get('stream') === 'out' ? 'out' : 'log',
    job: query.get('job') ?? '',
    follow: query.get('follow') !== 'false' && deployment.status?.state !== undefined,
  };
  return [
    source,
    (change) => {
      const next = { ...source, ...change };
      const wanted = new URLSearchParams();
      if (next.process !== 'jobmanager') wanted.set('process', next.process);
      if (next.stream !== 'log') wanted.set('stream', next.stream);
      if (next.job) wanted.set('job', next.job);
      if (!next.follow) wanted.set('follow', 'false');
      setQuery(wanted, { replace: true });
    },
  ];
}

/** Logs of the JobManager and the TaskManagers, of this job or a former one. */
export default function Logs({ deployment }: TabProps) {
  const { t } = useTranslation();
  const { data: jobs } = useJobs(deployment.metadata.id);
  const [source, change] = useSource(deployment);
  const [least, setLeast] = useState<LogLevel | 'ALL'>('ALL');
  const [text, setText] = useState('');
  const [stick, setStick] = useState(true);
  const [attempt, setAttempt] = useState(0);
  const log = useLog(deployment, source, attempt);
  const job = source.job ? jobs?.get(source.job) : jobs?.values().next().value;
  const taskManagers = job?.spec?.numberOfTaskManagers ?? 1;
  const none = log.error instanceof ApiError && (log.error.status === 404);
  return (
    <>
      <div className={styles.controls}>
        <Select
          aria-label={t('logs.process')}
          value={source.process}
          onChange={(process: string) => change({ process })}
          style={{ minWidth: 150 }}
          options={[
            { value: 'jobmanager', label: 'JobManager' },
            ...Array.from({ length: taskManagers }, (_, index) => ({ value: String(index), label: `TaskManager ${index}` })),
          ]}
        />
        <Select
          aria-label={t('logs.stream')}
          value={source.stream}
          onChange={(stream: 'log' | 'out') => change({ stream })}
          options={[
            { value: 'log', label: t('logs.streamLog') },
            { value: 'out', label: t('logs.streamOut') },
          ]}
        />
        <Select
          aria-label={t('logs.level')}
          value={least}
          onChange={setLeast}
          style={{ minWidth: 110 }}
          options={[
            { value: 'ALL' as const, label: t('logs.allLevels') },
            ...LEVELS.map((level) => ({ value: level, label: level === 'ERROR' ? level : `≥ ${level}` })),
          ]}
        />
        <Select
          aria-label={t('logs.job')}
          value={source.job}
          onChange={(id: string) => change({ job: id })}
          style={{ minWidth: 150 }}
          options={[
            { value: '', label: t('logs.newestJob') },
            ...[...(jobs?.keys() ?? [])].map((id) => ({ value: id, label: t('events.job', { id: id.slice(0, 8) }) })),
          ]}
        />
        <Input
          allowClear
          className={styles.search}
          placeholder={t('logs.search')}
          aria-label={t('logs.search')}
          value={text}
          onChange={(event) => setText(event.target.value)}
        />
        <Space>
          <Switch checked={source.follow} onChange={(follow) => change({ follow })} aria-label={t('logs.follow')} />
          <span>{t('logs.follow')}</span>
          {log.state === 'ended' && source.follow && !log.error && <Tag>{t('logs.ended')}</Tag>}
        </Space>
        <Button
          icon={<DownloadOutlined />}
          href={baseUrl + pathOf(deployment, { ...source, follow: false }, 64 << 20)}
          download={`${deployment.metadata.name}-${source.process}.${source.stream}`}
        >
          {t('logs.download')}
        </Button>
      </div>
      {log.error !== null && !none && <ErrorState error={log.error} retry={() => setAttempt((old) => old + 1)} />}
      {none && <EmptyState title={t('logs.none')} hint={(log.error as ApiError).message} />}
      {log.error === null && (
        <div className={styles.frame}>
          <Lines log={log} least={least} text={text} stick={stick} onStick={setStick} />
          {!stick && (
            <Button
              className={styles.toEnd}
              type="primary"
              icon={<VerticalAlignBottomOutlined />}
              onClick={() => setStick(true)}
            >
              {t('logs.toEnd')}
            </Button>
          )}
        </div>
      )}
    </>
  );
}
