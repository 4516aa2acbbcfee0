import { Alert, Collapse, Form } from 'antd';
import { useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import type { FieldProblem } from '../../api/errors';
import { useLayers } from '../../api/settings';
import { ServerText, serverWords } from '../../ui/ServerText';
import { type EditedDocument, parse, write } from './document';
import { FieldInput } from './FieldInput';
import { ALL_FIELDS, type Field, fieldDefault, type Section, SECTIONS } from './fields';
import { type Layers, valueAt } from './layers';
import styles from './EditorPage.module.css';

interface Props {
  text: string;
  onChange: (text: string) => void;
  problems: FieldProblem[];
  /** The name of a stored deployment stays. */
  fixedName: boolean;
}

interface SectionProps extends Props {
  section: Section;
  document: EditedDocument;
  layers: Layers | undefined;
}

/** The problems that are told beside a field: its own, and those of what it holds. */
function problemsOf(field: Field, problems: FieldProblem[]): FieldProblem[] {
  return problems.filter(({ path }) => path === field.path || path.startsWith(`${field.path}.`));
}

/** The text with the field's value, and without what the value excludes. */
function written(text: string, field: Field, value: unknown): string {
  const next = write(text, field.path.split('.'), value);
  const given = value !== undefined && value !== '';
  return field.instead !== undefined && given ? write(next, field.instead.split('.'), undefined) : next;
}

function Problems({ problems, withPath }: { problems: FieldProblem[]; withPath?: boolean }) {
  const { t } = useTranslation();
  return problems.map(({ path, message, reason }) => (
    <div key={path + message}>
      {withPath && <code className="mono">{path}</code>} <ServerText words={serverWords(t, 'fieldError', reason)} text={message} />
    </div>
  ));
}

function FormField({ field, document, layers, text, onChange, problems, fixedName }: Omit<SectionProps, 'section'> & { field: Field }) {
  const { t } = useTranslation();
  const id = `field-${field.path}${field.entry ? `.${field.entry}` : ''}`;
  const own = problemsOf(field, problems);
  const standard = field.entry ? undefined : fieldDefault(field.path, layers);
  return (
    <Form.Item
      className={field.half ? styles.half : undefined}
      label={t(`form.${field.text}`)}
      tooltip={t(`form.${field.text}Help`)}
      htmlFor={id}
      required={field.path === 'metadata.name' || field.kind === 'artifact'}
      validateStatus={own.length > 0 ? 'error' : undefined}
      help={own.length > 0 ? <Problems problems={own} /> : undefined}
      extra={
        standard && (
          <span className={styles.default}>
            {t('form.default', { value: String(standard.value), layer: t(`layer.${standard.layer}`) })}
          </span>
        )
      }
    >
      <FieldInput
        id={id}
        field={field}
        value={valueAt(document, field.path)}
        placeholder={standard ? String(standard.value) : field.placeholder}
        disabled={fixedName && field.path === 'metadata.name'}
        onChange={(value) => onChange(written(text, field, value))}
        onEntry={(key, value) => onChange(write(text, [...field.path.split('.'), key], value))}
      />
    </Form.Item>
  );
}

function FormSection(props: SectionProps) {
  const { t } = useTranslation();
  return (
    <section className={styles.section} aria-label={t(`form.section.${props.section.key}`)}>
      <h2>{t(`form.section.${props.section.key}`)}</h2>
      <div className={styles.fields}>
        {props.section.fields.map((field) => (
          <FormField key={field.text} {...props} field={field} />
        ))}
      </div>
    </section>
  );
}

/** The common fields of a deployment; what it does not show stays as it is in the text. */
export function DeploymentForm(props: Props) {
  const { t } = useTranslation();
  const { data: layers } = useLayers();
  const { document } = useMemo(() => parse(props.text), [props.text]);
  if (document === undefined) return <Alert type="warning" showIcon title={t('form.unreadable')} />;
  const elsewhere = props.problems.filter(
    (problem) => !ALL_FIELDS.some((field) => problemsOf(field, [problem]).length > 0),
  );
  const sections = (advanced: boolean) =>
    SECTIONS.filter((section) => (section.advanced ?? false) === advanced).map((section) => (
      <FormSection key={section.key} {...props} section={section} document={document} layers={layers} />
    ));
  return (
    <Form layout="vertical" component="div">
      {elsewhere.length > 0 && (
        <Alert
          type="error"
          showIcon
          style={{ marginBottom: 12 }}
          title={<Problems problems={elsewhere} withPath />}
        />
      )}
      {sections(false)}
      <Collapse
        ghost
        items={[{ key: 'advanced', label: <strong>{t('form.advanced')}</strong>, children: sections(true), forceRender: false }]}
      />
    </Form>
  );
}
