import { CloseOutlined, ZoomOutOutlined } from '@ant-design/icons';
import { Button, Select, Skeleton } from 'antd';
import { useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useSearchParams } from 'react-router';
import { type JobMetrics, type Range, useAvailableMetrics, useMetrics } from '../../api/insight';
import { useEvents, useJobs } from '../../api/jobs';
import { formatTime } from '../../format/time';
import { EmptyState } from '../../ui/EmptyState';
import { ErrorState } from '../../ui/ErrorState';
import { eventLine } from '../../ui/ServerText';
import { type Chart, columnsOf, hasValues, keepPinned, readPinned, STANDARD } from './charts';
import type { TabProps } from './DeploymentPage';
import MetricChart, { type Mark } from './MetricChart';
import styles from './Metrics.module.css';

const MINUTE = 60_000;
const RANGES = [1, 5, 15, 60, 360, 1440];
const REFRESHES = [0, 2, 5, 30];
/** How much around an event is shown. */
export const AROUND_EVENT = 30 * MINUTE;

function useRange(): [Range, (range: Range) => void] {
  const [query, setQuery] = useSearchParams();
  const around = query.get('around');
  const range: Range = around
    ? { to: Date.parse(around) + AROUND_EVENT / 2, milliseconds: AROUND_EVENT }
    : { to: query.has('to') ? Number(query.get('to')) : undefined, milliseconds: Number(query.get('range') ?? 15 * MINUTE) };
  return [
    range,
    ({ to, milliseconds }) => {
      const next = new URLSearchParams(query.get('job') ? { job: query.get('job') as string } : {});
      next.set('range', String(Math.round(milliseconds)));
      if (to !== undefined) next.set('to', String(Math.round(to)));
      setQuery(next, { replace: true });
    },
  ];
}

function ChartCard({ chart, metrics, interval, marks, onZoom, onRemove }: { chart: Chart; metrics: JobMetrics; interval?: number; marks: Mark[]; onZoom: (from: number, to: number) => void; onRemove?: () => void }) {
  const { t } = useTranslation();
  const columns = useMemo(() => columnsOf(metrics, chart.names, interval), [metrics, chart.names, interval]);
  const title = chart.title ? t(`metrics.chart.${chart.title}`) : (chart.names[0] ?? '');
  const legend = [t('metrics.time'), ...chart.names.map((name) => t(`metrics.series.${name as 'busy'}`, { defaultValue: name }))];
  const unit = metrics.series?.find(({ name }) => name === chart.names[0])?.unit ?? '';
  return (
    <section className={styles.card} aria-label={title}>
      <div className={styles.head}>
        <h2>{title}</h2>
        {onRemove && (
          <Button type="text" size="small" icon={<CloseOutlined />} aria-label={t('action.remove', { name: title })} onClick={onRemove} />
        )}
      </div>
      {hasValues(columns) ? (
        <MetricChart label={title} columns={columns} legend={legend} unit={unit} marks={marks} onZoom={onZoom} />
      ) : (
        <div className={styles.none}>{t('metrics.noValues')}</div>
      )}
    </section>
  );
}

function useCharts(deploymentId: string) {
  const [pinned, setPinned] = useState(() => readPinned(deploymentId));
  const change = (names: string[]) => {
    keepPinned(deploymentId, names);
    setPinned(names);
  };
  const charts = useMemo<Chart[]>(
    () => [...pinned.map((name) => ({ key: name, title: null, names: [name] })), ...STANDARD],
    [pinned],
  );
  return { charts, pinned, add: (name: string) => change([name, ...pinned]), remove: (name: string) => change(pinned.filter((other) => other !== name)) };
}

/** What was measured of a job, from Weir's own memory. */
export default function Metrics({ deployment }: TabProps) {
  const { t, i18n } = useTranslation();
  const id = deployment.metadata.id;
  const [query, setQuery] = useSearchParams();
  const { data: jobs } = useJobs(id);
  const { data: events } = useEvents(id);
  const jobId = query.get('job') ?? deployment.status?.running?.jobId ?? jobs?.keys().next().value;
  const [range, setRange] = useRange();
  const [refresh, setRefresh] = useState(5);
  const { charts, pinned, add, remove } = useCharts(id);
  const names = useMemo(() => [...new Set(charts.flatMap((chart) => chart.names))], [charts]);
  const { data, error, isPending, refetch } = useMetrics(jobId, names, range, refresh > 0 && refresh * 1000);
  const { data: available } = useAvailableMetrics(jobId);
  const marks = useMemo<Mark[]>(
    () =>
      [...(events?.values() ?? [])].map(({ metadata, spec }) => ({
        seconds: Date.parse(metadata.createdAt ?? '') / 1000,
        level: spec?.level ?? 'INFO',
        text: eventLine(t, i18n.language, metadata.name, spec?.reason, spec?.message),
      })),
    [events, t, i18n.language],
  );
  if (jobId === undefined && jobs) return <EmptyState title={t('metrics.noJob')} hint={t('jobs.noneHint')} />;
  if (error && !data) return <ErrorState error={error} retry={() => void refetch()} />;
  if (isPending) return <Skeleton active />;
  return (
    <>
      <div className={styles.controls}>
        <Select
          aria-label={t('metrics.range')}
          value={range.to === undefined && RANGES.includes(range.milliseconds / MINUTE) ? range.milliseconds : undefined}
          placeholder={range.to !== undefined ? t('metrics.between', { from: formatTime(new Date(range.to - range.milliseconds)), to: formatTime(new Date(range.to)) }) : undefined}
          onChange={(milliseconds: number) => setRange({ milliseconds })}
          style={{ minWidth: 170 }}
          options={RANGES.map((minutes) => ({ value: minutes * MINUTE, label: minutes < 60 ? t('metrics.lastMinutes', { count: minutes }) : t('metrics.lastHours', { count: minutes / 60 }) }))}
        />
        {range.to !== undefined && (
          <Button icon={<ZoomOutOutlined />} onClick={() => setRange({ milliseconds: 15 * MINUTE })}>
            {t('metrics.backToNow')}
          </Button>
        )}
        <Select
          aria-label={t('metrics.refresh')}
          value={refresh}
          onChange={setRefresh}
          options={REFRESHES.map((seconds) => ({ value: seconds, label: seconds === 0 ? t('metrics.noRefresh') : t('metrics.every', { seconds }) }))}
        />
        <Select
          aria-label={t('logs.job')}
          value={jobId}
          style={{ minWidth: 150 }}
          onChange={(job: string) => setQuery({ job }, { replace: true })}
          options={[...(jobs?.keys() ?? [])].map((job) => ({ value: job, label: t('events.job', { id: job.slice(0, 8) }) }))}
        />
        <Select
          showSearch={{ optionFilterProp: 'label' }}
          className={styles.add}
          aria-label={t('metrics.add')}
          placeholder={t('metrics.add')}
          value={null}
          onChange={(name: string | null) => name && add(name)}
          options={(available?.items ?? [])
            .filter(({ name = '' }) => !pinned.includes(name))
            .map(({ name, metric, vertexName }) => ({ value: name, label: vertexName ? `${vertexName} · ${metric}` : metric }))}
        />
      </div>
      <div className={styles.grid}>
        {charts.map((chart) => (
          <ChartCard
            key={chart.key}
            chart={chart}
            metrics={data}
            interval={available?.intervalSeconds}
            marks={marks}
            onZoom={(from, to) => setRange({ to, milliseconds: to - from })}
            onRemove={chart.title === null ? () => remove(chart.key) : undefined}
          />
        ))}
      </div>
      <p className="soft">{t('metrics.hint')}</p>
    </>
  );
}
