import { UploadOutlined } from '@ant-design/icons';
import { Button, type ButtonProps } from 'antd';
import { useRef } from 'react';

interface Props {
  label: string;
  /** Of the file's name, e.g. ".jar". */
  accept: string;
  busy: boolean;
  type?: ButtonProps['type'];
  onFile: (file: File) => void;
}

/** A button that lets its user choose one file; the same file may be chosen again. */
export function FileButton({ label, accept, busy, type, onFile }: Props) {
  const input = useRef<HTMLInputElement>(null);
  return (
    <>
      <Button type={type} icon={<UploadOutlined />} onClick={() => input.current?.click()} loading={busy}>
        {label}
      </Button>
      <input
        ref={input}
        type="file"
        accept={accept}
        className="visually-hidden"
        tabIndex={-1}
        aria-label={label}
        onChange={(event) => {
          const chosen = event.target.files?.[0];
          if (chosen) onFile(chosen);
          event.target.value = '';
        }}
      />
    </>
  );
}
