const nonce = document.querySelector<HTMLMetaElement>('meta[name=csp-nonce]')?.content;

/** The nonce of the page's content security policy, for styles made at run time. */
export const styleNonce = nonce && !nonce.startsWith('__') ? nonce : undefined;

/**
 * Gives every style element that this page's own code makes the nonce. The component library passes
 * it on only partly: what measures scroll bars or locks scrolling does not.
 */
export function allowOwnStyles(): void {
  if (styleNonce === undefined) return;
  const create = document.createElement.bind(document) as (name: string, options?: ElementCreationOptions) => HTMLElement;
  document.createElement = ((name: string, options?: ElementCreationOptions) => {
    const element = create(name, options);
    if (name.toLowerCase() === 'style') element.nonce = styleNonce;
    return element;
  }) as typeof document.createElement;
}
