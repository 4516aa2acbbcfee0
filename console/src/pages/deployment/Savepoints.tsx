import { MoreOutlined, PlusOutlined, SaveOutlined } from '@ant-design/icons';
import { Alert, App, Button, Dropdown, Input, Modal, Skeleton, Tag, Tooltip } from 'antd';
import { useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { DataTable } from '../../ui/DataTable';
import { useReset, useRestorePoints } from '../../api/deployments';
import { useCreateSavepoint, useDeleteSavepoint, useSavepoints } from '../../api/jobs';
import type { Deployment, RestorePointItem, Savepoint } from '../../api/types';
import { EmptyState } from '../../ui/EmptyState';
import { CopyIcon, ErrorDetails, ErrorState, useErrorNotice } from '../../ui/ErrorState';
import { ServerText, serverWords } from '../../ui/ServerText';
import { StateBadge } from '../../ui/StateBadge';
import { TimeText } from '../../ui/TimeText';
import { hindrances } from './actions';
import type { TabProps } from './DeploymentPage';
import { ForkDialog } from './ForkDialog';
import styles from './Savepoints.module.css';

/** A savepoint, a checkpoint that a start can begin from, or both sides of the same place. */
interface Row {
  id: string;
  location?: string;
  savepoint?: Savepoint;
  point?: RestorePointItem;
  createdAt: string;
}

function rowsOf(savepoints: Iterable<Savepoint>, points: readonly RestorePointItem[]): Row[] {
  const rows = new Map<string, Row>();
  for (const savepoint of savepoints)
    rows.set(savepoint.metadata.id, {
      id: savepoint.metadata.id,
      savepoint,
      location: savepoint.spec?.savepointLocation,
      createdAt: savepoint.metadata.createdAt ?? '',
    });
  for (const point of points) {
    const id = point.id ?? '';
    const row = rows.get(id);
    if (row) row.point = point;
    else rows.set(id, { id, point, location: point.location, createdAt: point.createdAt ?? '' });
  }
  return [...rows.values()].sort((a, b) => b.createdAt.localeCompare(a.createdAt));
}

function RegisterDialog({ deployment, onClose }: { deployment: Deployment; onClose: () => void }) {
  const { t } = useTranslation();
  const register = useCreateSavepoint(deployment.metadata.id);
  const [location, setLocation] = useState('');
  return (
    <Modal
      open
      title={t('savepoints.register')}
      onCancel={onClose}
      cancelText={t('action.back')}
      okText={t('savepoints.registerDo')}
      okButtonProps={{ disabled: location.trim() === '', loading: register.isPending }}
      onOk={() => register.mutate(location.trim(), { onSuccess: onClose })}
    >
      <p>{t('savepoints.registerExplain')}</p>
      <Input
        autoFocus
        placeholder="file:///data/savepoints/savepoint-4f1d2c-7b9a60e385"
        aria-label={t('savepoints.location')}
        value={location}
        onChange={(event) => setLocation(event.target.value)}
      />
      {register.error && <Alert type="error" showIcon style={{ marginTop: 12 }} title={<ErrorDetails error={register.error} />} />}
    </Modal>
  );
}

function useRowActions(deployment: Deployment, setFork: (id: string) => void) {
  const { t } = useTranslation();
  const { message, modal } = App.useApp();
  const notice = useErrorNotice();
  const reset = useReset(deployment.metadata.name ?? '');
  const remove = useDeleteSavepoint();
  const stopped = !['RUNNING', 'TRANSITIONING'].includes(deployment.status?.state ?? '');
  return (row: Row) => ({
    items: [
      {
        key: 'reset',
        label: t('savepoints.reset'),
        disabled: !stopped || row.point?.usable === false || !row.location,
        title: stopped ? undefined : t('savepoints.resetOnlyStopped'),
      },
      ...(row.savepoint
        ? [
            { key: 'fork', label: t('savepoints.fork'), disabled: row.savepoint.status?.state !== 'COMPLETED' },
            { type: 'divider' as const },
            { key: 'delete', label: t('savepoints.delete'), danger: true },
          ]
        : []),
    ],
    onClick: ({ key }: { key: string }) => {
      if (key === 'fork') setFork(row.id);
      if (key === 'reset')
        modal.confirm({
          title: t('savepoints.resetTitle'),
          content: t('savepoints.resetExplain', { location: row.location }),
          okText: t('savepoints.reset'),
          cancelText: t('action.back'),
          onOk: () =>
            reset.mutate(
              { restorePointId: row.id },
              {
                onSuccess: () => message.success(t('savepoints.resetDone')),
                onError: (error) => notice(t('savepoints.resetFailed'), error),
              },
            ),
        });
      if (key === 'delete')
        modal.confirm({
          title: t('savepoints.deleteTitle'),
          content: t(row.point?.next ? 'savepoints.deleteLosesNext' : 'savepoints.deleteLoses', { location: row.location }),
          okText: t('savepoints.delete'),
          okButtonProps: { danger: true },
          cancelText: t('action.back'),
          onOk: () =>
            remove.mutate(
              { id: row.id, force: false },
              { onError: (error) => notice(t('savepoints.deleteFailed'), error) },
            ),
        });
    },
  });
}

/** Savepoints and checkpoints that a start can begin from, and which one the next start takes. */
export default function Savepoints({ deployment }: TabProps) {
  const { t } = useTranslation();
  const { message } = App.useApp();
  const notice = useErrorNotice();
  const savepoints = useSavepoints(deployment.metadata.id);
  const points = useRestorePoints(deployment);
  const create = useCreateSavepoint(deployment.metadata.id);
  const [registering, setRegistering] = useState(false);
  const [fork, setFork] = useState<string | null>(null);
  const actions = useRowActions(deployment, setFork);
  const rows = useMemo(
    () => rowsOf(savepoints.data?.values() ?? [], points.data?.items ?? []),
    [savepoints.data, points.data],
  );
  const hindrance = hindrances(deployment).savepoint;
  const error = savepoints.error ?? points.error;
  if (error && !savepoints.data) return <ErrorState error={error} retry={() => void savepoints.refetch()} />;
  if (savepoints.isPending) return <Skeleton active />;
  const next = points.data?.next;
  return (
    <>
      <div className={styles.top}>
        <Tooltip title={hindrance ? t(`unavailable.${hindrance}`) : t('action.savepointHint')}>
          <Button
            icon={<SaveOutlined />}
            aria-disabled={hindrance !== undefined}
            className={hindrance ? 'blocked' : undefined}
            loading={create.isPending}
            onClick={() => {
              if (hindrance) return;
              create.mutate(undefined, {
                onSuccess: () => message.success(t('deployment.savepointAsked')),
                onError: (problem) => notice(t('deployment.savepointFailed'), problem),
              });
            }}
          >
            {t('savepoints.take')}
          </Button>
        </Tooltip>
        <Button icon={<PlusOutlined />} onClick={() => setRegistering(true)}>
          {t('savepoints.register')}
        </Button>
      </div>
      {next && (
        <Alert
          type={next.possible === false ? 'warning' : 'info'}
          showIcon
          className={styles.next}
          title={
            <>
              <strong>
                {next.location
                  ? t('savepoints.nextFrom')
                  : t(next.possible === false ? 'savepoints.nextImpossible' : 'savepoints.nextEmpty')}
              </strong>{' '}
              {next.location && <code className="mono break">{next.location}</code>} <span>{next.why}</span>
            </>
          }
        />
      )}
      {rows.length === 0 ? (
        <EmptyState title={t('savepoints.none')} hint={t('savepoints.noneHint')} />
      ) : (
        <DataTable<Row>
        label={t('tab.savepoints')}
          size="middle"
          rowKey="id"
          dataSource={rows}
          pagination={{ pageSize: 50, hideOnSinglePage: true }}
          minWidth={860}
          rowClassName={(row) => (row.point?.next ? (styles.nextRow as string) : '')}
          columns={[
            { title: t('job.created'), render: (_, row) => <TimeText time={row.createdAt} /> },
            {
              title: t('field.state'),
              render: (_, row) =>
                row.savepoint ? (
                  <Tooltip title={row.savepoint.status?.failure && <ServerText words={serverWords(t, 'reason', row.savepoint.status.failure.reason)} text={row.savepoint.status.failure.message} />}>
                    <span>
                      <StateBadge state={row.savepoint.status?.state} />
                    </span>
                  </Tooltip>
                ) : (
                  <StateBadge state={row.point?.usable === false ? 'FAILED' : 'COMPLETED'} />
                ),
            },
            {
              title: t('savepoints.origin'),
              render: (_, row) => (
                <span className="nowrap">
                  {t(`savepoints.originOf.${(row.savepoint?.metadata.origin ?? 'CHECKPOINT') as 'SUSPEND'}`, {
                    defaultValue: row.savepoint?.metadata.origin,
                  })}
                </span>
              ),
            },
            {
              title: t('savepoints.location'),
              render: (_, row) => (
                <span className={styles.location}>
                  <code className="mono break">{row.location ?? '–'}</code>
                  {row.location && <CopyIcon text={row.location} />}
                  {row.point?.next && <Tag color="blue">{t('savepoints.nextStart')}</Tag>}
                </span>
              ),
            },
            {
              title: '',
              width: 48,
              render: (_, row) => (
                <Dropdown trigger={['click']} menu={actions(row)}>
                  <Button type="text" size="small" icon={<MoreOutlined />} aria-label={t('action.more')} />
                </Dropdown>
              ),
            },
          ]}
        />
      )}
      {registering && <RegisterDialog deployment={deployment} onClose={() => setRegistering(false)} />}
      {fork !== null && <ForkDialog deployment={deployment} savepointId={fork} onClose={() => setFork(null)} />}
    </>
  );
}
