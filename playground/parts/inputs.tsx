import type { Theme } from './use-settings.ts';

interface TokenFieldProps {
  readonly token: string;
  readonly setToken: (token: string) => void;
  readonly placeholder: string;
  readonly class?: string;
}

export function TokenField({ token, setToken, placeholder, class: kind = '' }: TokenFieldProps) {
  return (
    <label class={kind}>
      <span>Token</span>
      <input
        type="password"
        value={token}
        autocomplete="off"
        placeholder={placeholder}
        onInput={({ currentTarget }) => setToken(currentTarget.value.trim())}
      />
    </label>
  );
}

interface PrefixFieldProps {
  readonly prefix: string;
  readonly setPrefix: (prefix: string) => void;
  readonly placeholder: string;
  readonly class?: string;
  readonly disabled?: boolean;
}

/** The beginning of the keys that are listed. */
export function PrefixField({ prefix, setPrefix, placeholder, class: kind = '', disabled = false }: PrefixFieldProps) {
  return (
    <label class={kind}>
      <span>Prefix</span>
      <input
        value={prefix}
        placeholder={placeholder}
        spellcheck={false}
        autocomplete="off"
        disabled={disabled}
        onInput={({ currentTarget }) => setPrefix(currentTarget.value)}
      />
    </label>
  );
}

interface ThemeButtonProps {
  readonly theme: Theme;
  readonly next: () => void;
}

export function ThemeButton({ theme, next }: ThemeButtonProps) {
  return (
    <button type="button" class="icon" aria-label={`Theme: ${theme}`} title={`Theme: ${theme}`} onClick={next}>
      ◐
    </button>
  );
}
