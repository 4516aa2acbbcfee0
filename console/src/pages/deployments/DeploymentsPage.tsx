import { PlusOutlined, SearchOutlined } from '@ant-design/icons';
import { Button, Input, Skeleton } from 'antd';
import { useDeferredValue, useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link, useSearchParams } from 'react-router';
import { useDeployments } from '../../api/deployments';
import { EmptyState } from '../../ui/EmptyState';
import { ErrorState } from '../../ui/ErrorState';
import { useTitle } from '../../ui/useTitle';
import { BulkActions } from './BulkActions';
import { DeploymentTable } from './DeploymentTable';
import { StateFilter } from './StateFilter';
import { countByState, filterOf, type ListFilter, queryOf, select } from './filter';
import styles from './DeploymentsPage.module.css';

function useFilter(): [ListFilter, (change: Partial<ListFilter>) => void] {
  const [query, setQuery] = useSearchParams();
  const filter = useMemo(() => filterOf(query), [query]);
  return [
    filter,
    (change) => setQuery(queryOf({ ...filter, ...change }), { replace: true }),
  ];
}

export function DeploymentsPage() {
  const { t } = useTranslation();
  useTitle(t('nav.deployments'));
  const { data, error, isPending, refetch } = useDeployments();
  const [filter, change] = useFilter();
  const deferred = useDeferredValue(filter);
  const rows = useMemo(() => select(data?.values() ?? [], deferred), [data, deferred]);
  const counts = useMemo(() => countByState(data?.values() ?? []), [data]);
  const [selected, setSelected] = useState<ReadonlySet<string>>(new Set());
  const chosen = useMemo(
    () => [...selected].flatMap((id) => data?.get(id) ?? []),
    [selected, data],
  );
  const total = data?.size ?? 0;
  return (
    <div className={styles.page}>
      <div className={styles.top}>
        <h1>
          {t('nav.deployments')} {data && <span className={styles.count}>{total}</span>}
        </h1>
        <Link to="/deployments/new">
          <Button type="primary" icon={<PlusOutlined />} tabIndex={-1}>
            {t('deployments.create')}
          </Button>
        </Link>
      </div>
      {total > 0 && (
        <div className={styles.filters}>
          <Input
            className={styles.search}
            allowClear
            prefix={<SearchOutlined />}
            placeholder={t('deployments.searchPlaceholder')}
            aria-label={t('deployments.searchPlaceholder')}
            value={filter.text}
            onChange={(event) => change({ text: event.target.value })}
          />
          <StateFilter counts={counts} states={filter.states} onChange={(states) => change({ states })} />
        </div>
      )}
      {error && !data && <ErrorState error={error} retry={() => void refetch()} />}
      {isPending && <Skeleton active paragraph={{ rows: 8 }} />}
      {data && total === 0 && (
        <EmptyState
          title={t('deployments.none')}
          hint={t('deployments.noneHint')}
          action={
            <Link to="/deployments/new">
              <Button type="primary" icon={<PlusOutlined />} tabIndex={-1}>
                {t('deployments.create')}
              </Button>
            </Link>
          }
        />
      )}
      {total > 0 && rows.length === 0 && (
        <EmptyState
          title={t('deployments.noMatch')}
          hint={t('deployments.noMatchHint', { count: total })}
          action={
            <Button onClick={() => change({ text: '', states: [] })}>{t('deployments.clearFilter')}</Button>
          }
        />
      )}
      {rows.length > 0 && (
        <DeploymentTable
          rows={rows}
          filter={filter}
          onSort={(sort, descending) => change({ sort, descending })}
          onLabel={(key, value) =>
            change({ text: `${filter.text.trim()} ${key}:${value}`.trim().toLowerCase() })
          }
          selected={selected}
          onSelect={setSelected}
        />
      )}
      {chosen.length > 0 && <BulkActions chosen={chosen} onClear={() => setSelected(new Set())} />}
    </div>
  );
}
