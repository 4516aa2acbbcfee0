import { YamlEditor } from './YamlEditor';

/** YAML to read. */
export default function YamlView({ text, label }: { text: string; label: string }) {
  return <YamlEditor value={text} readOnly label={label} />;
}
