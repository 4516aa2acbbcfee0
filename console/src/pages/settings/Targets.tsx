import { DeleteOutlined, PlusOutlined } from '@ant-design/icons';
import { Alert, App, Button, Input, Modal, Skeleton } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { DataTable } from '../../ui/DataTable';
import { useCreateTarget, useDeleteTarget, useTargets } from '../../api/settings';
import type { DeploymentTarget } from '../../api/types';
import { ErrorDetails, ErrorState, useErrorNotice } from '../../ui/ErrorState';
import { Page } from '../../ui/Page';
import { TimeText } from '../../ui/TimeText';

function CreateDialog({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation();
  const create = useCreateTarget();
  const [name, setName] = useState('');
  return (
    <Modal
      open
      title={t('targets.create')}
      onCancel={onClose}
      cancelText={t('action.back')}
      okText={t('action.create')}
      okButtonProps={{ disabled: name.trim() === '', loading: create.isPending }}
      onOk={() => create.mutate(name.trim(), { onSuccess: onClose })}
    >
      <p>{t('targets.explain')}</p>
      <Input
        autoFocus
        value={name}
        placeholder="staging"
        aria-label={t('field.name')}
        onChange={(event) => setName(event.target.value)}
      />
      {create.error && <Alert type="error" showIcon style={{ marginTop: 12 }} title={<ErrorDetails error={create.error} />} />}
    </Modal>
  );
}

/** The places where deployments run. */
export default function Targets() {
  const { t } = useTranslation();
  const { modal } = App.useApp();
  const notice = useErrorNotice();
  const { data, error, isPending, refetch } = useTargets();
  const remove = useDeleteTarget();
  const [creating, setCreating] = useState(false);
  const confirm = (name: string) =>
    modal.confirm({
      title: t('targets.deleteTitle', { name }),
      content: t('targets.deleteLoses'),
      okText: t('action.delete'),
      okButtonProps: { danger: true },
      cancelText: t('action.back'),
      onOk: () => remove.mutate(name, { onError: (problem) => notice(t('targets.deleteFailed'), problem) }),
    });
  return (
    <Page
      title={t('nav.targets')}
      hint={t('targets.hint')}
      actions={
        <Button type="primary" icon={<PlusOutlined />} onClick={() => setCreating(true)}>
          {t('targets.create')}
        </Button>
      }
    >
      {error && !data && <ErrorState error={error} retry={() => void refetch()} />}
      {isPending && <Skeleton active />}
      {data && (
        <DataTable<DeploymentTarget>
        label={t('nav.targets')}
          rowKey={(target) => target.metadata.id}
          size="middle"
          pagination={false}
          dataSource={data}
          minWidth={480}
          columns={[
            { title: t('field.name'), render: (_, { metadata }) => <strong>{metadata.name}</strong> },
            { title: t('job.created'), render: (_, { metadata }) => <TimeText time={metadata.createdAt} /> },
            {
              title: '',
              width: 64,
              render: (_, { metadata }) =>
                metadata.name !== 'default' && (
                  <Button
                    type="text"
                    danger
                    icon={<DeleteOutlined />}
                    aria-label={t('targets.deleteTitle', { name: metadata.name })}
                    onClick={() => confirm(metadata.name ?? '')}
                  />
                ),
            },
          ]}
        />
      )}
      {creating && <CreateDialog onClose={() => setCreating(false)} />}
    </Page>
  );
}
