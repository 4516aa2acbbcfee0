import { Alert, App, Modal } from 'antd';
import { useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import { useNavigate } from 'react-router';
import { type FieldChange, usePreview, useSaveDeployment } from '../../api/deployments';
import { ApiError } from '../../api/errors';
import type { Deployment } from '../../api/types';
import { ErrorDetails } from '../../ui/ErrorState';
import { ChangeTable } from '../deployment/History';
import { parse } from './document';
import { PreviewSummary } from './PreviewSummary';

interface Props {
  text: string;
  deployment?: Deployment;
  /** What the change began from. */
  version?: number;
  /** What the server would store. */
  result: Deployment;
  onClose: () => void;
  onSaved: () => void;
}

/** What saving would do to the job, and what changes in the deployment. */
export function SaveDialog({ text, deployment, version, result, onClose, onSaved }: Props) {
  const { t } = useTranslation();
  const { message } = App.useApp();
  const navigate = useNavigate();
  const save = useSaveDeployment();
  const name = deployment?.metadata.name;
  const body = useMemo(() => parse(text).document ?? {}, [text]);
  const preview = usePreview(name ?? result.metadata.name ?? '', body);
  const conflict = save.error instanceof ApiError && save.error.status === 412;
  return (
    <Modal
      open
      width={860}
      title={name ? t('save.title', { name }) : t('save.createTitle', { name: result.metadata.name })}
      onCancel={onClose}
      cancelText={t('action.back')}
      okText={t(name ? 'save.save' : 'editor.create')}
      okButtonProps={{ loading: save.isPending, disabled: conflict }}
      onOk={() =>
        save.mutate(
          { name: name ?? null, body, version },
          {
            onSuccess: (stored) => {
              onSaved();
              message.success(t(name ? 'save.saved' : 'save.created', { name: stored.metadata.name }));
              void navigate(`/deployments/${encodeURIComponent(stored.metadata.name ?? '')}/overview`);
            },
          },
        )
      }
    >
      <PreviewSummary preview={preview.data} error={preview.error} retry={() => void preview.refetch()} />
      {preview.data && <ChangeTable changes={(preview.data.changes ?? []) as FieldChange[]} />}
      {save.error && (
        <Alert
          type="error"
          showIcon
          style={{ marginTop: 12 }}
          title={conflict ? t('save.conflict') : t('save.failed')}
          description={<ErrorDetails error={save.error} />}
        />
      )}
    </Modal>
  );
}
