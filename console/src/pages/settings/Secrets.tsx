import { DeleteOutlined, EditOutlined, PlusOutlined } from '@ant-design/icons';
import { Alert, App, Button, Form, Input, Modal, Skeleton, Space } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { DataTable } from '../../ui/DataTable';
import { useDeleteSecret, useSaveSecret, useSecrets } from '../../api/settings';
import type { SecretValue } from '../../api/types';
import { EmptyState } from '../../ui/EmptyState';
import { CopyIcon, ErrorDetails, ErrorState, useErrorNotice } from '../../ui/ErrorState';
import { Page } from '../../ui/Page';
import { TimeText } from '../../ui/TimeText';

function SecretDialog({ name: given, onClose }: { name: string | null; onClose: () => void }) {
  const { t } = useTranslation();
  const { message } = App.useApp();
  const save = useSaveSecret();
  const [name, setName] = useState(given ?? '');
  const [value, setValue] = useState('');
  return (
    <Modal
      open
      title={given ? t('secrets.changeTitle', { name: given }) : t('secrets.create')}
      onCancel={onClose}
      cancelText={t('action.back')}
      okText={t('action.save')}
      okButtonProps={{ disabled: name.trim() === '' || value === '', loading: save.isPending }}
      onOk={() =>
        save.mutate(
          { name: name.trim(), value, exists: given !== null },
          {
            onSuccess: () => {
              message.success(t('secrets.saved', { name: name.trim() }));
              onClose();
            },
          },
        )
      }
    >
      <Form layout="vertical" component="div">
        <Form.Item label={t('field.name')} htmlFor="secret-name">
          <Input id="secret-name" autoFocus={!given} disabled={given !== null} value={name} autoComplete="off" onChange={(event) => setName(event.target.value)} />
        </Form.Item>
        <Form.Item label={t('secrets.value')} htmlFor="secret-value" extra={t('secrets.writeOnly')}>
          <Input.Password id="secret-value" autoFocus={given !== null} value={value} autoComplete="new-password" onChange={(event) => setValue(event.target.value)} />
        </Form.Item>
      </Form>
      {save.error && <Alert type="error" showIcon title={<ErrorDetails error={save.error} />} />}
    </Modal>
  );
}

/** Values that deployments name as `${name}`; nobody can read them here again. */
export default function Secrets() {
  const { t } = useTranslation();
  const { modal } = App.useApp();
  const notice = useErrorNotice();
  const { data, error, isPending, refetch } = useSecrets();
  const remove = useDeleteSecret();
  const [dialog, setDialog] = useState<{ name: string | null } | null>(null);
  const confirm = (name: string) =>
    modal.confirm({
      title: t('secrets.deleteTitle', { name }),
      content: t('secrets.deleteLoses', { reference: `\${${name}}` }),
      okText: t('action.delete'),
      okButtonProps: { danger: true },
      cancelText: t('action.back'),
      onOk: () => remove.mutate(name, { onError: (problem) => notice(t('secrets.deleteFailed'), problem) }),
    });
  return (
    <Page
      title={t('nav.secrets')}
      hint={t('secrets.hint')}
      actions={
        <Button type="primary" icon={<PlusOutlined />} onClick={() => setDialog({ name: null })}>
          {t('secrets.create')}
        </Button>
      }
    >
      {error && !data && <ErrorState error={error} retry={() => void refetch()} />}
      {isPending && <Skeleton active />}
      {data?.length === 0 && <EmptyState title={t('secrets.none')} hint={t('secrets.noneHint')} />}
      {data && data.length > 0 && (
        <DataTable<SecretValue>
        label={t('nav.secrets')}
          rowKey={(secret) => secret.metadata.id}
          size="middle"
          pagination={{ pageSize: 50, hideOnSinglePage: true }}
          dataSource={data}
          minWidth={560}
          columns={[
            { title: t('field.name'), render: (_, { metadata }) => <strong>{metadata.name}</strong> },
            {
              title: t('secrets.reference'),
              render: (_, { metadata }) => (
                <>
                  <code className="mono">{`\${${metadata.name}}`}</code> <CopyIcon text={`\${${metadata.name}}`} />
                </>
              ),
            },
            { title: t('secrets.modified'), render: (_, { metadata }) => <TimeText time={metadata.modifiedAt} /> },
            {
              title: '',
              width: 96,
              render: (_, { metadata }) => (
                <Space>
                  <Button type="text" icon={<EditOutlined />} aria-label={t('secrets.changeTitle', { name: metadata.name })} onClick={() => setDialog({ name: metadata.name ?? '' })} />
                  <Button type="text" danger icon={<DeleteOutlined />} aria-label={t('secrets.deleteTitle', { name: metadata.name })} onClick={() => confirm(metadata.name ?? '')} />
                </Space>
              ),
            },
          ]}
        />
      )}
      {dialog && <SecretDialog name={dialog.name} onClose={() => setDialog(null)} />}
    </Page>
  );
}
