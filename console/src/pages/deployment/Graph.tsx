import { Background, Controls, type Edge, Handle, type Node, type NodeProps, Position, ReactFlow } from '@xyflow/react';
import '@xyflow/react/dist/style.css';
import { Alert, Drawer, Skeleton } from 'antd';
import { useEffect, useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { type GraphVertex, type JobGraph, useGraph } from '../../api/insight';
import { useJobs } from '../../api/jobs';
import { useDark } from '../../app/theme';
import { formatBytes, formatDuration, formatNumber } from '../../format/time';
import { EmptyState } from '../../ui/EmptyState';
import { ErrorState } from '../../ui/ErrorState';
import { Facts } from '../../ui/Facts';
import { Age } from '../../ui/TimeText';
import type { TabProps } from './DeploymentPage';
import { layout, NODE_HEIGHT, NODE_WIDTH, type Place, shapeOf } from './graph-layout';
import styles from './Graph.module.css';

type Figures = Record<string, number>;
type VertexNode = Node<{ vertex: GraphVertex }, 'vertex'>;

/** How hard a vertex is pressed by those behind it. */
export function pressure(figures: Figures | undefined): 'none' | 'some' | 'high' | 'unknown' {
  const ratio = figures?.backPressured;
  if (ratio === undefined) return 'unknown';
  return ratio > 0.5 ? 'high' : ratio > 0.1 ? 'some' : 'none';
}

const percent = (ratio: number | undefined) => (ratio === undefined ? '–' : `${formatNumber(100 * ratio)} %`);
const rate = (value: number | undefined) => (value === undefined ? '–' : `${formatNumber(value, value < 10 ? 1 : 0)}/s`);

function Bar({ figures }: { figures: Figures }) {
  const { busy = 0, backPressured = 0, idle = 0 } = figures;
  return (
    <span className={styles.bar} aria-hidden="true">
      <span className={styles.busy} style={{ width: `${busy * 100}%` }} />
      <span className={styles.pressed} style={{ width: `${backPressured * 100}%` }} />
      <span className={styles.idle} style={{ width: `${idle * 100}%` }} />
    </span>
  );
}

function Vertex({ data }: NodeProps<VertexNode>) {
  const { t } = useTranslation();
  const { vertex } = data;
  const figures = (vertex.figures ?? {}) as Figures;
  return (
    <div className={styles.vertex} data-pressure={pressure(figures)}>
      <Handle type="target" position={Position.Left} isConnectable={false} />
      <div className={styles.name} title={vertex.name}>
        {vertex.name}
      </div>
      <div className={styles.line}>
        <span>{vertex.status}</span>
        <span>{t('graph.parallelism', { count: vertex.parallelism ?? 1 })}</span>
      </div>
      <Bar figures={figures} />
      <div className={styles.line}>
        <span>
          {t('graph.busy')} {percent(figures.busy)}
        </span>
        <span>
          {t('graph.backPressured')} {percent(figures.backPressured)}
        </span>
      </div>
      <div className={styles.line}>
        <span>
          {t('graph.in')} {rate(figures.recordsInPerSecond)}
        </span>
        <span>
          {t('graph.out')} {rate(figures.recordsOutPerSecond)}
        </span>
      </div>
      <Handle type="source" position={Position.Right} isConnectable={false} />
    </div>
  );
}

const NODE_TYPES = { vertex: Vertex };

function usePlaces(graph: JobGraph | undefined): Map<string, Place> | null {
  const [places, setPlaces] = useState<Map<string, Place> | null>(null);
  const shape = graph && shapeOf(graph);
  useEffect(() => {
    if (graph === undefined) return;
    let current = true;
    void layout(graph).then((next) => {
      if (current) setPlaces(next);
    });
    return () => {
      current = false;
    };
    // Figures change every few seconds; the places only with the shape.
  }, [shape]);
  return places;
}

function VertexDetails({ vertex, onClose }: { vertex: GraphVertex; onClose: () => void }) {
  const { t } = useTranslation();
  const figures = (vertex.figures ?? {}) as Figures;
  const known = (value: number | undefined, show: (value: number) => string) => (value === undefined ? undefined : show(value));
  return (
    <Drawer open size={460} title={vertex.name} onClose={onClose}>
      <Facts
        title={t('graph.now')}
        facts={[
          { label: t('field.state'), value: vertex.status },
          { label: t('field.parallelism'), value: vertex.parallelism },
          { label: t('graph.recordsIn'), value: rate(figures.recordsInPerSecond) },
          { label: t('graph.recordsOut'), value: rate(figures.recordsOutPerSecond) },
          { label: t('graph.bytesIn'), value: known(figures.bytesInPerSecond, (value) => `${formatBytes(value)}/s`) },
          { label: t('graph.bytesOut'), value: known(figures.bytesOutPerSecond, (value) => `${formatBytes(value)}/s`) },
          { label: t('graph.busy'), value: percent(figures.busy) },
          { label: t('graph.backPressured'), value: percent(figures.backPressured) },
          { label: t('graph.idle'), value: percent(figures.idle) },
          { label: t('graph.watermarkLag'), value: known(figures.watermarkLag, (value) => formatDuration(1000 * value)), hint: figures.watermarkLag === undefined ? t('graph.noWatermark') : undefined },
          { label: t('graph.checkpointSize'), value: known(figures.checkpointSize, formatBytes) },
          {
            label: t('graph.subtasks'),
            value: Object.entries((vertex.tasks ?? {}) as Figures)
              .map(([state, count]) => `${count} ${state}`)
              .join(', '),
          },
          { label: 'ID', value: <code className="mono break">{vertex.id}</code> },
        ]}
      />
    </Drawer>
  );
}

function Flow({ graph, onVertex }: { graph: JobGraph; onVertex: (id: string) => void }) {
  const { t } = useTranslation();
  const dark = useDark();
  const places = usePlaces(graph);
  const nodes = useMemo<VertexNode[]>(
    () =>
      (graph.vertices ?? []).map((vertex) => ({
        id: vertex.id ?? '',
        type: 'vertex',
        position: places?.get(vertex.id ?? '') ?? { x: 0, y: 0 },
        width: NODE_WIDTH,
        height: NODE_HEIGHT,
        ariaLabel: vertex.name,
        data: { vertex },
      })),
    [graph, places],
  );
  const edges = useMemo<Edge[]>(
    () =>
      (graph.edges ?? []).map(({ from = '', to = '', shipStrategy }, index) => ({
        id: `e${index}`,
        source: from,
        target: to,
        label: shipStrategy,
        animated: graph.flinkStatus === 'RUNNING',
      })),
    [graph],
  );
  if (places === null) return <Skeleton active />;
  return (
    <div className={styles.flow}>
      <div className={styles.canvas}>
        <ReactFlow
          nodes={nodes}
          edges={edges}
          nodeTypes={NODE_TYPES}
          colorMode={dark ? 'dark' : 'light'}
          fitView
          fitViewOptions={{ maxZoom: 1, padding: 0.12 }}
          minZoom={0.1}
          nodesDraggable={false}
          nodesConnectable={false}
          onNodeClick={(_, node) => onVertex(node.id)}
          aria-label={t('tab.graph')}
        >
          <Background />
          <Controls showInteractive={false} />
        </ReactFlow>
      </div>
    </div>
  );
}

/** What the job does now: vertices, how they are connected, where it is held up. */
export default function Graph({ deployment }: TabProps) {
  const { t } = useTranslation();
  const { data: jobs } = useJobs(deployment.metadata.id);
  const running = deployment.status?.running?.jobId;
  const jobId = running ?? jobs?.keys().next().value;
  const { data, error, isPending, refetch } = useGraph(jobId, running !== undefined);
  const [chosen, setChosen] = useState<string | null>(null);
  if (jobId === undefined) return <EmptyState title={t('graph.noJob')} hint={t('jobs.noneHint')} />;
  if (error && !data) return <ErrorState error={error} retry={() => void refetch()} />;
  if (isPending) return <Skeleton active />;
  const vertices = data.vertices ?? [];
  const figures = (data.figures ?? {}) as Figures;
  const vertex = vertices.find(({ id }) => id === chosen);
  return (
    <>
      {data.problem && (
        <Alert
          type="warning"
          showIcon
          className={styles.problem}
          title={
            <>
              {data.problem} <Age time={data.problemSince} />
            </>
          }
        />
      )}
      {vertices.length === 0 ? (
        <EmptyState title={t('graph.nothing')} hint={t('graph.nothingHint')} />
      ) : (
        <>
          <div className={styles.summary}>
            <span>{t('graph.recordsIn')} <strong>{rate(figures.recordsInPerSecond)}</strong></span>
            <span>{t('graph.recordsOut')} <strong>{rate(figures.recordsOutPerSecond)}</strong></span>
            <span>{t('graph.checkpointSize')} <strong>{figures.checkpointSize === undefined ? '–' : formatBytes(figures.checkpointSize)}</strong></span>
            <span>{t('graph.checkpointDuration')} <strong>{figures.checkpointDuration === undefined ? '–' : formatDuration(1000 * figures.checkpointDuration)}</strong></span>
            <span className={styles.legend}>
              <i className={styles.busy} /> {t('graph.busy')} <i className={styles.pressed} /> {t('graph.backPressured')} <i className={styles.idle} /> {t('graph.idle')}
            </span>
            <span className="soft">
              {t('graph.seen')} <Age time={data.observedAt} />
            </span>
          </div>
          <Flow graph={data} onVertex={setChosen} />
        </>
      )}
      {vertex && <VertexDetails vertex={vertex} onClose={() => setChosen(null)} />}
    </>
  );
}
