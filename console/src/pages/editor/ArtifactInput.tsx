import { UploadOutlined } from '@ant-design/icons';
import { AutoComplete, Button, Progress, Space } from 'antd';
import { useRef } from 'react';
import { useTranslation } from 'react-i18next';
import { useArtifacts, useUpload } from '../../api/artifacts';
import { formatBytes, formatTime } from '../../format/time';
import { useErrorNotice } from '../../ui/ErrorState';

interface Props {
  id: string;
  value: string | undefined;
  onChange: (uri: string | undefined) => void;
}

/** A URI to type, an artifact to pick, or a jar to upload. */
export function ArtifactInput({ id, value, onChange }: Props) {
  const { t } = useTranslation();
  const notice = useErrorNotice();
  const { data: artifacts } = useArtifacts();
  const { upload, progress } = useUpload();
  const file = useRef<HTMLInputElement>(null);
  const send = (chosen: File | undefined) => {
    if (chosen === undefined) return;
    upload(chosen)
      .then(({ uri }) => onChange(uri))
      .catch((error: unknown) => notice(t('artifacts.uploadFailed', { name: chosen.name }), error));
  };
  return (
    <div>
      <Space.Compact style={{ width: '100%' }}>
        <AutoComplete
          id={id}
          allowClear
          style={{ width: '100%' }}
          value={value}
          placeholder={t('form.jarPlaceholder')}
          onChange={(next: string | undefined) => onChange(next || undefined)}
          showSearch={{ filterOption: (typed, option) => typed === value || String(option?.value).toLowerCase().includes(typed.toLowerCase()) }}
          options={(artifacts ?? []).map(({ filename, uri, sizeBytes = 0, createTime }) => ({
            value: uri,
            label: (
              <span title={uri}>
                {filename} <span className="soft">· {formatBytes(sizeBytes)} · {formatTime(createTime ?? '')}</span>
              </span>
            ),
          }))}
        />
        <Button icon={<UploadOutlined />} onClick={() => file.current?.click()} loading={progress !== null}>
          {t('artifacts.upload')}
        </Button>
      </Space.Compact>
      {progress !== null && <Progress percent={progress} size="small" aria-label={t('artifacts.uploading')} />}
      <input
        ref={file}
        type="file"
        accept=".jar"
        className="visually-hidden"
        tabIndex={-1}
        aria-label={t('artifacts.upload')}
        onChange={(event) => {
          send(event.target.files?.[0]);
          event.target.value = '';
        }}
      />
    </div>
  );
}
