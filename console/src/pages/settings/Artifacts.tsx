import { DeleteOutlined, DownloadOutlined } from '@ant-design/icons';
import { App, Button, Progress, Skeleton, Space } from 'antd';
import { useTranslation } from 'react-i18next';
import { DataTable } from '../../ui/DataTable';
import { type Artifact, useArtifacts, useDeleteArtifact, useUpload } from '../../api/artifacts';
import { baseUrl, NAMESPACE } from '../../api/client';
import { formatBytes } from '../../format/time';
import { EmptyState } from '../../ui/EmptyState';
import { CopyIcon, ErrorState, useErrorNotice } from '../../ui/ErrorState';
import { FileButton } from '../../ui/FileButton';
import { Page } from '../../ui/Page';
import { TimeText } from '../../ui/TimeText';

function UploadButton() {
  const { t } = useTranslation();
  const { message } = App.useApp();
  const notice = useErrorNotice();
  const { upload, progress } = useUpload();
  const send = (chosen: File) =>
    void upload(chosen)
      .then(() => message.success(t('artifacts.uploaded', { name: chosen.name })))
      .catch((error: unknown) => notice(t('artifacts.uploadFailed', { name: chosen.name }), error));
  return (
    <>
      {progress !== null && <Progress type="circle" size={30} percent={progress} aria-label={t('artifacts.uploading')} />}
      <FileButton label={t('artifacts.upload')} accept=".jar" type="primary" busy={progress !== null} onFile={send} />
    </>
  );
}

function ArtifactTable({ artifacts }: { artifacts: Artifact[] }) {
  const { t } = useTranslation();
  const { modal } = App.useApp();
  const notice = useErrorNotice();
  const remove = useDeleteArtifact();
  const confirm = (filename: string) =>
    modal.confirm({
      title: t('artifacts.deleteTitle', { name: filename }),
      content: t('artifacts.deleteLoses'),
      okText: t('action.delete'),
      okButtonProps: { danger: true },
      cancelText: t('action.back'),
      onOk: () => remove.mutate(filename, { onError: (error) => notice(t('artifacts.deleteFailed'), error) }),
    });
  return (
    <DataTable<Artifact>
        label={t('nav.artifacts')}
      rowKey="filename"
      size="middle"
      dataSource={artifacts}
      pagination={{ pageSize: 50, hideOnSinglePage: true }}
      minWidth={760}
      columns={[
        { title: t('field.name'), dataIndex: 'filename', render: (name: string) => <strong>{name}</strong> },
        { title: t('artifacts.size'), dataIndex: 'sizeBytes', render: (size: number) => formatBytes(size) },
        { title: t('artifacts.uploadedAt'), dataIndex: 'createTime', render: (time: string) => <TimeText time={time} /> },
        {
          title: 'URI',
          dataIndex: 'uri',
          render: (uri: string) => (
            <>
              <code className="mono break">{uri}</code> <CopyIcon text={uri} label={t('artifacts.copyUri')} />
            </>
          ),
        },
        {
          title: '',
          width: 96,
          render: (_, { filename = '' }) => (
            <Space>
              <Button
                type="text"
                icon={<DownloadOutlined />}
                aria-label={t('artifacts.download', { name: filename })}
                title={t('artifacts.download', { name: filename })}
                href={`${baseUrl}artifacts/v1/namespaces/${NAMESPACE}/artifacts:download?filename=${encodeURIComponent(filename)}`}
              />
              <Button
                type="text"
                danger
                icon={<DeleteOutlined />}
                aria-label={t('artifacts.deleteTitle', { name: filename })}
                title={t('action.delete')}
                onClick={() => confirm(filename)}
              />
            </Space>
          ),
        },
      ]}
    />
  );
}

/** The jars that deployments can name. */
export default function Artifacts() {
  const { t } = useTranslation();
  const { data, error, isPending, refetch } = useArtifacts();
  return (
    <Page title={t('nav.artifacts')} hint={t('artifacts.hint')} actions={<UploadButton />}>
      {error && !data && <ErrorState error={error} retry={() => void refetch()} />}
      {isPending && <Skeleton active />}
      {data?.length === 0 && <EmptyState title={t('artifacts.none')} hint={t('artifacts.noneHint')} />}
      {data && data.length > 0 && <ArtifactTable artifacts={data} />}
    </Page>
  );
}
