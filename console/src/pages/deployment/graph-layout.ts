import type { ELK as Elk, ElkNode } from 'elkjs/lib/elk-api';
import type { JobGraph } from '../../api/insight';

export const NODE_WIDTH = 264;
export const NODE_HEIGHT = 132;

export interface Place {
  x: number;
  y: number;
}

let elk: Promise<Elk> | null = null;

// The layout runs in a worker of its own, so that a large graph does not stop the page.
function startElk(): Promise<Elk> {
  elk ??= Promise.all([import('elkjs/lib/elk-api'), import('elkjs/lib/elk-worker.min.js?url')]).then(
    ([{ default: ELK }, { default: url }]) => new ELK({ workerFactory: () => new Worker(url) }),
  );
  return elk;
}

/** What decides the layout: vertices and edges, not their figures. */
export function shapeOf(graph: JobGraph): string {
  const vertices = (graph.vertices ?? []).map(({ id }) => id);
  const edges = (graph.edges ?? []).map(({ from, to }) => `${from}>${to}`);
  return JSON.stringify([vertices, edges]);
}

/** Sources at the left, sinks at the right. */
export async function layout(graph: JobGraph): Promise<Map<string, Place>> {
  const root: ElkNode = {
    id: 'root',
    layoutOptions: {
      'elk.algorithm': 'layered',
      'elk.direction': 'RIGHT',
      'elk.spacing.nodeNode': '36',
      'elk.layered.spacing.nodeNodeBetweenLayers': '72',
    },
    children: (graph.vertices ?? []).map(({ id = '' }) => ({ id, width: NODE_WIDTH, height: NODE_HEIGHT })),
    edges: (graph.edges ?? []).map(({ from = '', to = '' }, index) => ({ id: `e${index}`, sources: [from], targets: [to] })),
  };
  const placed = await (await startElk()).layout(root);
  return new Map((placed.children ?? []).map(({ id, x = 0, y = 0 }) => [id, { x, y }]));
}
