import { CaretDownOutlined, CaretUpOutlined } from '@ant-design/icons';
import { useVirtualizer } from '@tanstack/react-virtual';
import { Checkbox, Grid } from 'antd';
import { useEffect, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import type { Deployment } from '../../api/types';
import { DeploymentRow } from './DeploymentRow';
import type { ListFilter, SortColumn } from './filter';
import styles from './DeploymentTable.module.css';

interface Props {
  rows: Deployment[];
  filter: ListFilter;
  onSort: (column: SortColumn, descending: boolean) => void;
  onLabel: (key: string, value: string) => void;
  selected: ReadonlySet<string>;
  onSelect: (selected: ReadonlySet<string>) => void;
}

const ROW_HEIGHT = 54;
const CARD_HEIGHT = 120;

function SortHeader({ column, text, filter, onSort }: { column: SortColumn; text: string } & Pick<Props, 'filter' | 'onSort'>) {
  const active = filter.sort === column;
  const direction = filter.descending ? 'descending' : 'ascending';
  return (
    <div role="columnheader" aria-sort={active ? direction : 'none'}>
      <button type="button" onClick={() => onSort(column, active && !filter.descending)}>
        {text}
        {active && (filter.descending ? <CaretDownOutlined /> : <CaretUpOutlined />)}
      </button>
    </div>
  );
}

/** The list, of which only the rows in view exist. */
export function DeploymentTable({ rows, filter, onSort, onLabel, selected, onSelect }: Props) {
  const { t } = useTranslation();
  const scroller = useRef<HTMLDivElement>(null);
  const wide = Grid.useBreakpoint().md ?? true;
  const height = wide ? ROW_HEIGHT : CARD_HEIGHT;
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => height,
    overscan: 8,
    getItemKey: (index) => rows[index]?.metadata.id ?? index,
  });
  useEffect(() => virtual.measure(), [virtual, height]);
  const toggle = (id: string) => {
    const next = new Set(selected);
    if (!next.delete(id)) next.add(id);
    onSelect(next);
  };
  const all = rows.length > 0 && rows.every((row) => selected.has(row.metadata.id));
  const header = (column: SortColumn, text: string) => (
    <SortHeader column={column} text={text} filter={filter} onSort={onSort} />
  );
  return (
    <div
      ref={scroller}
      className={styles.scroller}
      role="table"
      aria-label={t('nav.deployments')}
      aria-rowcount={rows.length + 1}
    >
      <div role="rowgroup" className={styles.headGroup}>
        <div role="row" className={styles.head}>
          <div role="columnheader">
            <Checkbox
              aria-label={t('deployments.selectAll')}
              checked={all}
              indeterminate={!all && selected.size > 0}
              onChange={() => onSelect(all ? new Set() : new Set(rows.map((row) => row.metadata.id)))}
            />
          </div>
          {header('name', t('field.name'))}
          {header('desired', t('field.desired'))}
          {header('state', t('field.observed'))}
          {header('version', t('field.flink'))}
          {header('parallelism', t('field.parallelism'))}
          <div role="columnheader">{t('field.lastEvent')}</div>
          {header('age', t('field.since'))}
        </div>
      </div>
      <div role="rowgroup" className={styles.body} style={{ height: virtual.getTotalSize() }}>
        {virtual.getVirtualItems().map((item) => {
          const row = rows[item.index];
          return (
            row && (
              <DeploymentRow
                key={item.key}
                deployment={row}
                index={item.index}
                top={item.start}
                height={height}
                selected={selected.has(row.metadata.id)}
                onToggle={() => toggle(row.metadata.id)}
                onLabel={onLabel}
              />
            )
          );
        })}
      </div>
    </div>
  );
}
