import { CaretRightOutlined, DeleteOutlined, EditOutlined, PlusOutlined, StopOutlined } from '@ant-design/icons';
import { Alert, App, Button, Modal, Skeleton, Space } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import {
  useDeleteSessionCluster,
  useSaveSessionCluster,
  useSessionClusters,
  useSessionJobs,
  useSetSessionState,
} from '../../api/session-clusters';
import type { Job, SessionCluster } from '../../api/types';
import { DataTable } from '../../ui/DataTable';
import { EmptyState } from '../../ui/EmptyState';
import { ErrorDetails, ErrorState, useErrorNotice } from '../../ui/ErrorState';
import { Page } from '../../ui/Page';
import { ServerText, serverWords } from '../../ui/ServerText';
import { StateBadge } from '../../ui/StateBadge';
import { TimeText } from '../../ui/TimeText';
import { YamlEditor } from '../../ui/YamlEditor';
import { editableText, readDocument, TEMPLATE } from './session-document';
import styles from './Defaults.module.css';

function EditDialog({ cluster, onClose }: { cluster?: SessionCluster; onClose: () => void }) {
  const { t } = useTranslation();
  const save = useSaveSessionCluster();
  const [text, setText] = useState(cluster ? editableText(cluster) : TEMPLATE);
  const { name, document, problem } = readDocument(text, t('sessions.unreadable'));
  const submit = () =>
    document && save.mutate({ name, document, version: cluster?.metadata.resourceVersion }, { onSuccess: onClose });
  return (
    <Modal
      open
      width={720}
      title={cluster ? t('sessions.changeTitle', { name: cluster.metadata.name }) : t('sessions.create')}
      onCancel={onClose}
      cancelText={t('action.back')}
      okText={cluster ? t('action.save') : t('action.create')}
      okButtonProps={{ disabled: problem !== undefined, loading: save.isPending }}
      onOk={submit}
    >
      <p className="soft">{t('sessions.explain')}</p>
      <div className={styles.editor}>
        <YamlEditor value={text} onChange={setText} label={t('nav.sessions')} />
      </div>
      {problem && <Alert type="error" showIcon title={problem} />}
      {save.error && <Alert type="error" showIcon title={<ErrorDetails error={save.error} />} />}
    </Modal>
  );
}

function JobsIn({ jobs }: { jobs: Job[] | undefined }) {
  const { t } = useTranslation();
  if (jobs === undefined) return <Skeleton active paragraph={{ rows: 1 }} />;
  if (jobs.length === 0) return <span className="soft">{t('sessions.noJobs')}</span>;
  return (
    <Space size="large" wrap>
      {jobs.map(({ metadata, status }) => (
        <span key={metadata.id}>
          <Link to={`/deployments/${metadata.deploymentName}`}>{metadata.deploymentName}</Link> <StateBadge state={status?.state} quiet />
        </span>
      ))}
    </Space>
  );
}

function Actions({ cluster, onEdit }: { cluster: SessionCluster; onEdit: () => void }) {
  const { t } = useTranslation();
  const { modal } = App.useApp();
  const notice = useErrorNotice();
  const change = useSetSessionState();
  const remove = useDeleteSessionCluster();
  const name = cluster.metadata.name ?? '';
  const starts = cluster.spec?.state !== 'RUNNING';
  const set = (state: 'RUNNING' | 'STOPPED') =>
    change.mutate({ name, state }, { onError: (problem) => notice(t('sessions.stateFailed', { name }), problem) });
  const confirm = (title: string, content: string, okText: string, onOk: () => void) =>
    modal.confirm({ title, content, okText, okButtonProps: { danger: true }, cancelText: t('action.back'), onOk });
  return (
    <Space>
      {starts ? (
        <Button type="text" icon={<CaretRightOutlined />} aria-label={t('sessions.start', { name })} onClick={() => set('RUNNING')} />
      ) : (
        <Button
          type="text"
          icon={<StopOutlined />}
          aria-label={t('sessions.stop', { name })}
          onClick={() => confirm(t('sessions.stop', { name }), t('sessions.stopLoses'), t('sessions.stopIt'), () => set('STOPPED'))}
        />
      )}
      <Button type="text" icon={<EditOutlined />} aria-label={t('sessions.changeTitle', { name })} onClick={onEdit} />
      <Button
        type="text"
        danger
        icon={<DeleteOutlined />}
        aria-label={t('sessions.deleteTitle', { name })}
        onClick={() =>
          confirm(t('sessions.deleteTitle', { name }), t('sessions.deleteLoses'), t('action.delete'), () =>
            remove.mutate(name, { onError: (problem) => notice(t('sessions.deleteFailed'), problem) }),
          )
        }
      />
    </Space>
  );
}

function ClusterTable({ clusters, onEdit }: { clusters: SessionCluster[]; onEdit: (cluster: SessionCluster) => void }) {
  const { t } = useTranslation();
  const { data: jobs } = useSessionJobs(clusters.length > 0);
  return (
    <DataTable<SessionCluster>
      label={t('nav.sessions')}
      rowKey={({ metadata }) => metadata.id}
      size="middle"
      pagination={false}
      dataSource={clusters}
      minWidth={820}
      columns={[
        { title: t('field.name'), render: (_, { metadata }) => <strong>{metadata.name}</strong> },
        {
          title: t('field.state'),
          render: (_, { status }) => (
            <>
              <StateBadge state={status?.state} />
              {status?.failure && <div className="soft"><ServerText words={serverWords(t, 'reason', status.failure.reason)} text={status.failure.message} /></div>}
              {status?.waitingFor && <div className="soft">{t('sessions.waitsFor', { what: status.waitingFor })}</div>}
            </>
          ),
        },
        { title: t('field.flink'), render: (_, { spec }) => spec?.flinkVersion ?? t('field.default') },
        { title: t('field.taskManagers'), render: (_, { spec }) => spec?.numberOfTaskManagers },
        {
          title: t('sessions.jobs'),
          render: (_, { metadata }) => (
            <JobsIn jobs={jobs?.filter((job) => job.metadata.sessionClusterName === metadata.name)} />
          ),
        },
        { title: t('sessions.since'), render: (_, { status }) => status?.running && <TimeText time={status.running.startedAt} /> },
        { title: '', width: 136, render: (_, cluster) => <Actions cluster={cluster} onEdit={() => onEdit(cluster)} /> },
      ]}
    />
  );
}

/** Clusters in which several deployments run their jobs. */
export default function SessionClusters() {
  const { t } = useTranslation();
  const { data, error, isPending, refetch } = useSessionClusters();
  const [editing, setEditing] = useState<SessionCluster | 'new' | undefined>();
  return (
    <Page
      title={t('nav.sessions')}
      hint={t('sessions.hint')}
      actions={
        <Button type="primary" icon={<PlusOutlined />} onClick={() => setEditing('new')}>
          {t('sessions.create')}
        </Button>
      }
    >
      {error && !data && <ErrorState error={error} retry={() => void refetch()} />}
      {isPending && <Skeleton active />}
      {data?.length === 0 && <EmptyState title={t('sessions.none')} hint={t('sessions.noneHint')} />}
      {data && data.length > 0 && <ClusterTable clusters={data} onEdit={setEditing} />}
      {editing && <EditDialog cluster={editing === 'new' ? undefined : editing} onClose={() => setEditing(undefined)} />}
    </Page>
  );
}
