import { AutoComplete, Input, InputNumber, Select, Switch } from 'antd';
import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useSessionClusters } from '../../api/session-clusters';
import { useFlinkVersions, useTargets } from '../../api/settings';
import { ArtifactInput } from './ArtifactInput';
import { COMMON_KEYS, type Field } from './fields';
import { MapInput } from './MapInput';

export interface InputProps {
  id: string;
  field: Field;
  value: unknown;
  placeholder?: string;
  disabled?: boolean;
  onChange: (value: unknown) => void;
  /** Of a map: one entry; undefined takes it away. */
  onEntry: (key: string, value: string | undefined) => void;
}

/** Numbers stay numbers; "1.5" and "1e3" become what YAML would read. */
function numberOf(value: string | number | null): number | undefined {
  return value === null || value === '' ? undefined : Number(value);
}

function VersionInput({ id, value, placeholder, onChange }: InputProps) {
  const { t } = useTranslation();
  const { data: versions } = useFlinkVersions();
  return (
    <AutoComplete
      id={id}
      allowClear
      value={value === undefined ? undefined : String(value)}
      placeholder={placeholder ?? versions?.find((version) => version.default)?.version ?? t('form.newestFlink')}
      onChange={(next: string | undefined) => onChange(next === undefined || next === '' ? undefined : next)}
      options={(versions ?? []).map(({ version = '', default: standard }) => ({
        value: version,
        label: standard ? `${version} (${t('field.default')})` : version,
      }))}
    />
  );
}

function TargetInput({ id, value, onChange }: InputProps) {
  const { data: targets } = useTargets();
  return (
    <Select
      id={id}
      allowClear
      value={value as string | undefined}
      placeholder="default"
      onChange={onChange}
      options={(targets ?? []).map(({ metadata }) => ({ value: metadata.name, label: metadata.name }))}
    />
  );
}

function SessionInput({ id, value, onChange }: InputProps) {
  const { t } = useTranslation();
  const { data: clusters } = useSessionClusters();
  return (
    <Select
      id={id}
      allowClear
      value={value as string | undefined}
      placeholder={t('form.ownCluster')}
      onChange={onChange}
      options={(clusters ?? []).map(({ metadata, status }) => ({
        value: metadata.name,
        label: `${metadata.name} (${t(`state.${status?.state ?? 'STOPPED'}`)})`,
      }))}
    />
  );
}

/** A text that is written into the document when the typing pauses at the end of it. */
function TextInput({ id, value, placeholder, disabled, onChange }: InputProps) {
  const shown = value === undefined || value === null ? '' : String(value);
  const [text, setText] = useState(shown);
  useEffect(() => setText(shown), [shown]);
  return (
    <Input
      id={id}
      allowClear
      value={text}
      placeholder={placeholder}
      disabled={disabled}
      autoComplete="off"
      spellCheck={false}
      onChange={(event) => {
        setText(event.target.value);
        onChange(event.target.value);
      }}
    />
  );
}

const LOG_LEVELS = ['TRACE', 'DEBUG', 'INFO', 'WARN', 'ERROR', 'OFF'];

/** The right input for a field of the form. */
export function FieldInput(props: InputProps) {
  const { t } = useTranslation();
  const { id, field, value, placeholder, onChange, onEntry } = props;
  switch (field.kind) {
    case 'text':
      return <TextInput {...props} />;
    case 'number':
      return (
        <InputNumber
          id={id}
          value={value as number | undefined}
          placeholder={placeholder}
          style={{ width: '100%' }}
          onChange={(next) => onChange(numberOf(next))}
        />
      );
    case 'choice':
      return (
        <Select
          id={id}
          allowClear
          value={value as string | undefined}
          placeholder={placeholder ?? field.choices?.[0]}
          onChange={onChange}
          options={field.choices?.map((choice) => ({ value: choice, label: t(`choice.${choice as 'AUTO'}`, { defaultValue: choice }) }))}
        />
      );
    case 'switch':
      return <Switch id={id} checked={value === true} onChange={(on) => onChange(on ? true : undefined)} />;
    case 'switchedOn':
      return <Switch id={id} checked={value !== false} onChange={(on) => onChange(on ? undefined : false)} />;
    case 'entrySwitch':
      return (
        <Switch
          id={id}
          checked={(value as Record<string, unknown> | undefined)?.[field.entry ?? ''] === 'true'}
          onChange={(on) => onEntry(field.entry ?? '', on ? 'true' : undefined)}
        />
      );
    case 'artifact':
      return <ArtifactInput id={id} value={value as string | undefined} onChange={onChange} />;
    case 'version':
      return <VersionInput {...props} />;
    case 'target':
      return <TargetInput {...props} />;
    case 'session':
      return <SessionInput {...props} />;
    case 'labels':
      return <MapInput id={id} value={value} onEntry={onEntry} keyText={t('form.labelKey')} valueText={t('form.labelValue')} />;
    case 'configuration':
      return <MapInput id={id} value={value} onEntry={onEntry} keyText={t('form.configurationKey')} valueText={t('form.configurationValue')} suggestions={COMMON_KEYS} />;
    case 'loggers':
      return (
        <MapInput
          id={id}
          value={value}
          onEntry={onEntry}
          keyText={t('form.loggerName')}
          valueText={t('form.loggerLevel')}
          suggestions={{ 'org.apache.flink': 'INFO', 'org.apache.kafka': 'WARN' }}
          values={LOG_LEVELS}
          emptyKey={t('form.rootLogger')}
        />
      );
  }
}
