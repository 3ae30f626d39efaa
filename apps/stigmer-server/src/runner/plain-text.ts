/** The prose of a Markdown or plain text: without code, tables, pictures, tags, and the signs of its layout. */
export function plainText(markdown: string): string {
  return (
    markdown
      .replaceAll('\r\n', '\n')
      .replaceAll(/^(```|~~~)[\s\S]*?^\1.*$/gm, '')
      .replaceAll(/<!--[\s\S]*?-->/g, '')
      .replaceAll(/^\s*\|.*$/gm, '')
      .replaceAll(/!\[[^\]]*\]\([^)]*\)/g, '')
      .replaceAll(/\[([^\]]*)\]\([^)]*\)/g, '$1')
      .replaceAll(/<\/?[a-z][^>]*>/gi, '')
      .replaceAll(/`([^`]*)`/g, '$1')
      .replaceAll(/(\*\*|__)(?=\S)([\s\S]*?\S)\1/g, '$2')
      // Headings are names of what follows, not statements.
      .replaceAll(/^#{1,6}\s.*$/gm, '')
      .replaceAll(/^(?:={3,}|-{3,}|\*{3,})\s*$/gm, '')
      // An item of a list is a paragraph of its own.
      .replaceAll(/^[ \t]*(?:[-*+]|\d+[.)])[ \t]+/gm, '\n')
      .replaceAll(/^>\s?/gm, '')
  );
}

/** Paragraphs, each on one line. */
export function paragraphsOf(text: string): string[] {
  return text
    .split(/\n\s*\n/)
    .map((paragraph) => paragraph.replaceAll(/\s+/g, ' ').trim())
    .filter((paragraph) => paragraph !== '');
}
