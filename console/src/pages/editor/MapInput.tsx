import { DeleteOutlined, PlusOutlined } from '@ant-design/icons';
import { AutoComplete, Button, Input, Select } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import styles from './EditorPage.module.css';

interface Props {
  id: string;
  value: unknown;
  onEntry: (key: string, value: string | undefined) => void;
  keyText: string;
  valueText: string;
  /** Keys to offer, with an example value each. */
  suggestions?: Record<string, string>;
  /** The only values. */
  values?: string[];
  /** What an empty key stands for. */
  emptyKey?: string;
}

function NewEntry({ id, onEntry, keyText, valueText, suggestions = {}, values }: Omit<Props, 'value' | 'emptyKey'>) {
  const { t } = useTranslation();
  const [key, setKey] = useState('');
  const [value, setValue] = useState('');
  const add = () => {
    if (key.trim() === '' || value.trim() === '') return;
    onEntry(key.trim(), value.trim());
    setKey('');
    setValue('');
  };
  return (
    <div className={styles.pair}>
      <AutoComplete
        id={id}
        value={key}
        placeholder={keyText}
        aria-label={keyText}
        onChange={setKey}
        onSelect={(chosen: string) => setValue(suggestions[chosen] ?? '')}
        showSearch={{ filterOption: (typed, option) => String(option?.value).includes(typed) }}
        options={Object.keys(suggestions).map((name) => ({ value: name }))}
      />
      {values ? (
        <Select
          value={value || undefined}
          placeholder={valueText}
          aria-label={valueText}
          onChange={setValue}
          options={values.map((name) => ({ value: name, label: name }))}
        />
      ) : (
        <Input
          value={value}
          placeholder={suggestions[key] ?? valueText}
          aria-label={valueText}
          onChange={(event) => setValue(event.target.value)}
          onPressEnter={add}
        />
      )}
      <Button icon={<PlusOutlined />} aria-label={t('action.add')} title={t('action.add')} onClick={add} />
    </div>
  );
}

/** Names and values: what is there can be changed and taken away, the last line adds. */
export function MapInput(props: Props) {
  const { t } = useTranslation();
  const { value, onEntry, valueText, values, emptyKey } = props;
  const entries = Object.entries((value ?? {}) as Record<string, unknown>);
  return (
    <div>
      {entries.map(([key, entry]) => (
        <div key={key} className={styles.pair}>
          <Input value={key || emptyKey} readOnly aria-label={key || emptyKey} className="mono" />
          {values ? (
            <Select
              value={String(entry)}
              aria-label={`${key} ${valueText}`}
              onChange={(next: string) => onEntry(key, next)}
              options={values.map((name) => ({ value: name, label: name }))}
            />
          ) : (
            <Input
              defaultValue={String(entry ?? '')}
              key={String(entry)}
              aria-label={`${key} ${valueText}`}
              className="mono"
              onBlur={(event) => event.target.value !== String(entry) && onEntry(key, event.target.value)}
              onPressEnter={(event) => onEntry(key, event.currentTarget.value)}
            />
          )}
          <Button
            icon={<DeleteOutlined />}
            aria-label={t('action.remove', { name: key })}
            title={t('action.remove', { name: key })}
            onClick={() => onEntry(key, undefined)}
          />
        </div>
      ))}
      <NewEntry {...props} />
    </div>
  );
}
