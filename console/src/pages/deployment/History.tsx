import { RollbackOutlined } from '@ant-design/icons';
import { App, Button, Select, Skeleton } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { DataTable } from '../../ui/DataTable';
import { type FieldChange, useRevisionDiff, useRevisions, useRollback } from '../../api/deployments';
import type { Deployment, Revision } from '../../api/types';
import { ErrorState, useErrorNotice } from '../../ui/ErrorState';
import { EmptyState } from '../../ui/EmptyState';
import { TimeText } from '../../ui/TimeText';
import type { TabProps } from './DeploymentPage';
import styles from './History.module.css';

function Diff({ deployment, from, to }: { deployment: Deployment; from: number; to: number }) {
  const { t } = useTranslation();
  const { data, error, isFetching, refetch } = useRevisionDiff(deployment, from, to);
  if (from === to) return <EmptyState title={t('history.same')} />;
  if (error) return <ErrorState error={error} retry={() => void refetch()} />;
  if (isFetching && !data) return <Skeleton active />;
  return <ChangeTable changes={data ?? []} />;
}

/** What differs, field by field. */
export function ChangeTable({ changes }: { changes: FieldChange[] }) {
  const { t } = useTranslation();
  if (changes.length === 0) return <EmptyState title={t('history.noChange')} />;
  return (
    <DataTable<FieldChange>
        label={t('history.changes')}
      size="small"
      rowKey="path"
      pagination={false}
      dataSource={changes}
      minWidth={520}
      columns={[
        { title: t('history.field'), dataIndex: 'path', render: (path: string) => <code className="mono break">{path}</code> },
        {
          title: t('history.old'),
          dataIndex: 'old',
          render: (value?: string) => value !== undefined && <code className={`mono break ${styles.old}`}>− {value}</code>,
        },
        {
          title: t('history.new'),
          dataIndex: 'new',
          render: (value?: string) => value !== undefined && <code className={`mono break ${styles.new}`}>+ {value}</code>,
        },
      ]}
    />
  );
}

function RevisionList({ deployment, revisions, shown, onShow }: { deployment: Deployment; revisions: Revision[]; shown: number; onShow: (revision: number) => void }) {
  const { t } = useTranslation();
  const { message, modal } = App.useApp();
  const notice = useErrorNotice();
  const rollback = useRollback(deployment.metadata.name ?? '');
  const { desired = revisions[0]?.number, running } = deployment.status?.revision ?? {};
  const bringBack = (revision: number) =>
    modal.confirm({
      title: t('history.rollbackTitle', { revision }),
      content: t('history.rollbackExplain'),
      okText: t('history.rollback'),
      cancelText: t('action.back'),
      onOk: () =>
        rollback.mutate(revision, {
          onSuccess: () => message.success(t('history.rollbackDone', { revision })),
          onError: (error) => notice(t('history.rollbackFailed', { revision }), error),
        }),
    });
  return (
    <ul className={styles.revisions}>
      {revisions.map((revision) => {
        const number = revision.number ?? 0;
        return (
          <li key={number} data-shown={number === shown}>
            <button type="button" className={styles.revision} aria-pressed={number === shown} onClick={() => onShow(number)}>
              <strong>{t('history.revision', { revision: number })}</strong>
              <span className="soft">
                <TimeText time={revision.metadata.createdAt} />
              </span>
              <span className={styles.marks}>
                {number === desired && <em>{t('history.desired')}</em>}
                {number === running && <em>{t('history.running')}</em>}
              </span>
            </button>
            {number !== desired && (
              <Button
                size="small"
                icon={<RollbackOutlined />}
                loading={rollback.isPending && rollback.variables === number}
                onClick={() => bringBack(number)}
              >
                {t('history.rollback')}
              </Button>
            )}
          </li>
        );
      })}
    </ul>
  );
}

/** The specifications that this deployment had: compare, bring back. */
export default function History({ deployment }: TabProps) {
  const { t } = useTranslation();
  const { data, error, isPending, refetch } = useRevisions(deployment);
  const [chosen, setChosen] = useState<number | null>(null);
  const [base, setBase] = useState<number | null>(null);
  if (error && !data) return <ErrorState error={error} retry={() => void refetch()} />;
  if (isPending) return <Skeleton active />;
  const newest = data[0]?.number ?? 1;
  const to = chosen ?? newest;
  const from = base ?? Math.max(1, to - 1);
  return (
    <div className={styles.columns}>
      <RevisionList
        deployment={deployment}
        revisions={data}
        shown={to}
        onShow={(revision) => {
          setChosen(revision);
          setBase(null);
        }}
      />
      <section className={styles.diff} aria-label={t('history.changes')}>
        <div className={styles.diffHead}>
          <h2>{t('history.revision', { revision: to })}</h2>
          <span className="soft">{t('history.comparedWith')}</span>
          <Select
            aria-label={t('history.comparedWith')}
            value={from}
            onChange={setBase}
            options={data.map(({ number }) => ({ value: number ?? 0, label: t('history.revision', { revision: number }) }))}
          />
        </div>
        {data.length === 1 ? <EmptyState title={t('history.first')} hint={t('history.firstHint')} /> : <Diff deployment={deployment} from={from} to={to} />}
      </section>
    </div>
  );
}
