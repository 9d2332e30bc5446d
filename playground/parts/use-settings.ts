import { useEffect, useState } from 'preact/hooks';

const tokenName = 'fovea-token';

/** `#token=` hands a token over: no server is told it, and it is taken off the address before anybody reads that. */
export function takeToken(): void {
  const given = new URLSearchParams(location.hash.slice(1)).get('token');
  if (given === null) return;
  history.replaceState(history.state, '', location.pathname + location.search);
  sessionStorage.setItem(tokenName, given);
}

/** The token of this tab: it is in no address, and goes with the tab. */
export function useToken(): [token: string, setToken: (token: string) => void] {
  const [token, setToken] = useState(() => sessionStorage.getItem(tokenName) ?? '');
  const keep = (next: string) => {
    sessionStorage.setItem(tokenName, next);
    setToken(next);
  };
  return [token, keep];
}

const themes = ['as the system', 'light', 'dark'] as const;
export type Theme = (typeof themes)[number];
const themeName = 'fovea-theme';

export function useTheme(): [theme: Theme, next: () => void] {
  const [theme, setTheme] = useState<Theme>(
    () => themes.find((one) => one === localStorage.getItem(themeName)) ?? themes[0],
  );
  useEffect(() => {
    localStorage.setItem(themeName, theme);
    if (theme === 'as the system') delete document.documentElement.dataset['theme'];
    else document.documentElement.dataset['theme'] = theme;
  }, [theme]);
  return [theme, () => setTheme(themes[(themes.indexOf(theme) + 1) % themes.length] ?? themes[0])];
}
