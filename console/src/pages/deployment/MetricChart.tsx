import { useEffect, useRef } from 'react';
import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import { useDark } from '../../app/theme';
import { usePreferences } from '../../app/preferences';
import { formatTime, usableZone } from '../../format/time';
import { type Columns, formatValue } from './charts';

/** An event to mark on the time axis. */
export interface Mark {
  seconds: number;
  level: 'INFO' | 'WARNING' | 'ERROR';
  text: string;
}

interface Props {
  label: string;
  columns: Columns;
  /** What the legend says: of time, then of each series. */
  legend: string[];
  unit: string;
  marks: Mark[];
  /** A range of time was drawn with the pointer; epoch milliseconds. */
  onZoom: (from: number, to: number) => void;
}

const HEIGHT = 190;

function variable(name: string): string {
  return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
}

function drawMarks(plot: uPlot, marks: Mark[]): void {
  const { ctx, bbox } = plot;
  ctx.save();
  for (const { seconds, level } of marks) {
    const x = Math.round(plot.valToPos(seconds, 'x', true));
    if (x < bbox.left || x > bbox.left + bbox.width) continue;
    ctx.strokeStyle = variable(level === 'ERROR' ? '--bad-text' : level === 'WARNING' ? '--paused-text' : '--accent');
    ctx.globalAlpha = level === 'INFO' ? 0.35 : 0.9;
    ctx.setLineDash([4, 3]);
    ctx.beginPath();
    ctx.moveTo(x, bbox.top);
    ctx.lineTo(x, bbox.top + bbox.height);
    ctx.stroke();
  }
  ctx.restore();
}

function optionsOf({ legend: [time, ...names], unit, onZoom }: Props, marks: () => Mark[], zone: string | undefined): uPlot.Options {
  const colours = ['--accent', '--bad-text', '--done-text', '--paused-text'].map(variable);
  const axis = { stroke: variable('--text-soft'), grid: { stroke: variable('--line'), width: 1 }, ticks: { stroke: variable('--line') } };
  return {
    width: 400,
    height: HEIGHT,
    tzDate: (seconds) => (zone === undefined ? new Date(seconds * 1000) : uPlot.tzDate(new Date(seconds * 1000), zone)),
    cursor: { drag: { x: true, y: false, setScale: false }, sync: { key: 'metrics' } },
    legend: { live: true },
    scales: { y: { range: (_, least, most) => [Math.min(0, least ?? 0), most > 0 ? most * 1.08 : 1] } },
    axes: [{ ...axis, values: (_, splits) => splits.map((seconds) => formatTime(new Date(seconds * 1000)).slice(11, splits.length > 1 && (splits[1] ?? 0) - (splits[0] ?? 0) < 60 ? 19 : 16)) }, { ...axis, size: 74, values: (_, splits) => splits.map((value) => formatValue(value, unit)) }],
    series: [
      { label: time, value: (_, seconds) => (seconds === null ? '–' : formatTime(new Date(seconds * 1000))) },
      ...names.map((name, index) => ({
        label: name,
        stroke: colours[index % colours.length],
        width: 1.5,
        spanGaps: false,
        points: { show: false },
        value: (_: uPlot, value: number | null) => formatValue(value, unit),
      })),
    ],
    hooks: {
      draw: [(plot) => drawMarks(plot, marks())],
      setSelect: [
        (plot) => {
          if (plot.select.width < 4) return;
          const from = plot.posToVal(plot.select.left, 'x');
          const to = plot.posToVal(plot.select.left + plot.select.width, 'x');
          plot.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
          onZoom(from * 1000, to * 1000);
        },
      ],
    },
  };
}

/** Lines over time; drawing over a range zooms. */
export default function MetricChart(props: Props) {
  const { columns, label, legend, unit } = props;
  const host = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | null>(null);
  const latest = useRef(props);
  latest.current = props;
  const dark = useDark();
  const { timeZone, language } = usePreferences();
  useEffect(() => {
    const element = host.current;
    if (element === null) return;
    const options = optionsOf(
      { ...latest.current, onZoom: (from, to) => latest.current.onZoom(from, to) },
      () => latest.current.marks,
      usableZone(timeZone),
    );
    const made = new uPlot(options, latest.current.columns as uPlot.AlignedData, element);
    plot.current = made;
    const resize = new ResizeObserver(() => made.setSize({ width: element.clientWidth, height: HEIGHT }));
    resize.observe(element);
    return () => {
      resize.disconnect();
      made.destroy();
      plot.current = null;
    };
    // Colours, zone and language are read when the chart is made.
  }, [dark, timeZone, language, unit, legend.join(',')]);
  useEffect(() => {
    plot.current?.setData(columns as uPlot.AlignedData);
  }, [columns]);
  return <div ref={host} role="img" aria-label={label} style={{ minHeight: HEIGHT }} />;
}
