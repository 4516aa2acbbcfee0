import { Table, type TableProps } from 'antd';
import styles from './DataTable.module.css';

interface Props<T> extends TableProps<T> {
  /** What the table holds, for who cannot see it. */
  label: string;
  /** Narrower places scroll, also by keyboard. */
  minWidth: number;
}

export function DataTable<T extends object>({ label, minWidth, ...table }: Props<T>) {
  return (
    <div className={styles.scroller} role="region" aria-label={label} tabIndex={0}>
      <Table<T> {...table} style={{ minWidth }} />
    </div>
  );
}
