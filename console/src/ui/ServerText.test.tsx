import { render, screen } from '@testing-library/react';
import { useTranslation } from 'react-i18next';
import { beforeAll, describe, expect, it } from 'vitest';
import i18next from 'i18next';
import { startTexts, switchLanguage } from '../i18n';
import { eventLine, ServerText, serverWords } from './ServerText';

function Refusal() {
  const { t } = useTranslation();
  return <ServerText words={serverWords(t, 'fieldError', 'isMissing')} text="is required." />;
}
const line = (name: string, reason?: string) => eventLine(i18next.t, i18next.language, name, reason, 'The server says so.');

beforeAll(() => startTexts('en'));

describe('what the server says', () => {
  it('stands alone in English', async () => {
    await switchLanguage('en');
    expect(line('GENERAL_FAILURE', 'NoCheckpoint')).toBe('The server says so.');
    const { container } = render(<Refusal />);
    expect(container.textContent).toBe('is required.');
  });
  it('stands under our words in Chinese', async () => {
    await switchLanguage('zh-CN');
    expect(line('GENERAL_FAILURE', 'NoCheckpoint')).toBe('出现问题：没有检查点');
    expect(line('EXTERNAL', 'Stable')).toBe('已稳定');
    expect(line('GENERAL_FAILURE', 'NobodyKnowsThis')).toBe('出现问题');
    expect(line('A_NAME_OF_TOMORROW')).toBe('The server says so.');
    const { container } = render(<Refusal />);
    expect(container.textContent).toBe('必填 is required.');
    expect(screen.getByText('is required.').lang).toBe('en');
  });
});
