import { Alert, App, Modal } from 'antd';
import { useTranslation } from 'react-i18next';
import { useNavigate } from 'react-router';
import { useSaveDeployment } from '../../api/deployments';
import { ApiError } from '../../api/errors';
import type { Deployment } from '../../api/types';
import { ErrorDetails } from '../../ui/ErrorState';
import { ChangeTable } from '../deployment/History';
import { differences } from './differences';
import { parse } from './document';

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

/** What is about to be stored, compared with what is there. */
export function SaveDialog({ text, deployment, version, result, onClose, onSaved }: Props) {
  const { t } = useTranslation();
  const { message } = App.useApp();
  const navigate = useNavigate();
  const save = useSaveDeployment();
  const name = deployment?.metadata.name;
  const changes = differences(
    deployment && { metadata: userMetadata(deployment), spec: deployment.spec },
    { metadata: userMetadata(result), spec: result.spec },
  );
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
          { name: name ?? null, body: parse(text).document ?? {}, version },
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
      <p>{t(result.spec?.state === 'RUNNING' ? 'save.willRun' : 'save.willNotRun', { state: t(`state.${result.spec?.state ?? 'CANCELLED'}`) })}</p>
      <ChangeTable changes={changes} />
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

function userMetadata({ metadata }: Deployment) {
  const { name, displayName, labels, annotations } = metadata;
  return {
    name,
    displayName,
    labels,
    annotations: Object.fromEntries(
      Object.entries(annotations ?? {}).filter(([key]) => !key.startsWith('com.dataartisans.appmanager.controller.')),
    ),
  };
}
