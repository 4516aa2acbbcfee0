import { AutoComplete, Progress, Space } from 'antd';
import { useTranslation } from 'react-i18next';
import { useArtifacts, useUpload } from '../../api/artifacts';
import { formatBytes, formatTime } from '../../format/time';
import { useErrorNotice } from '../../ui/ErrorState';
import { FileButton } from '../../ui/FileButton';

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
  const send = (chosen: File) =>
    void upload(chosen)
      .then(({ uri }) => onChange(uri))
      .catch((error: unknown) => notice(t('artifacts.uploadFailed', { name: chosen.name }), error));
  return (
    <div>
      <Space.Compact style={{ width: '100%' }}>
        <AutoComplete
          id={id}
          allowClear
          style={{ width: '100%', minWidth: 0 }}
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
        <FileButton label={t('artifacts.upload')} accept=".jar" busy={progress !== null} onFile={send} />
      </Space.Compact>
      {progress !== null && <Progress percent={progress} size="small" aria-label={t('artifacts.uploading')} />}
    </div>
  );
}
