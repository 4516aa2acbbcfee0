import type { TFunction } from 'i18next';
import { useTranslation } from 'react-i18next';
import type { server } from '../i18n/en/server';

/** The parts of the server's vocabulary that have words in every language. */
export type Vocabulary = keyof typeof server;

/** Our words for a name of the server's vocabulary; undefined for a name that has none. */
export function serverWords(t: TFunction, vocabulary: Vocabulary, name: string | undefined): string | undefined {
  // The server's names are its own: which of them have words is only known here, at run time.
  return (name && t(`server.${vocabulary}.${name}` as 'server.event.EXTERNAL', { defaultValue: '' })) || undefined;
}

/** An event in one line: the server's sentence where it speaks the page's language, else our words. */
export function eventLine(t: TFunction, language: string, name?: string, reason?: string, message = ''): string {
  const words = language === 'en' ? undefined : serverWords(t, 'event', name);
  if (words === undefined) return message;
  const why = serverWords(t, 'reason', reason);
  // EXTERNAL says only that the vocabulary has no name for it.
  if (why === undefined) return words;
  return name === 'EXTERNAL' ? why : `${words}：${why}`;
}

interface Props {
  /** Our words for it, shown where the page's language is not the server's. */
  words?: string;
  /** What the server says; it holds the facts. */
  text?: string;
}

/** A sentence of the server, which speaks English. */
export function ServerText({ words, text }: Props) {
  const { i18n } = useTranslation();
  if (i18n.language === 'en' || words === undefined) return <>{text}</>;
  return (
    <>
      {words}{' '}
      <span className="server-text" lang="en">
        {text}
      </span>
    </>
  );
}
