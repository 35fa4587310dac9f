import { createContext, useContext, useEffect, useMemo, useState, type ReactNode } from "react";
import { WORDS, type Language, type Words } from "./words";

export type Theme = "auto" | "light" | "dark";
const DARK = "(prefers-color-scheme: dark)";

interface Chosen {
  language: Language;
  words: Words;
  locale: string;
  theme: Theme;
  /** What the theme comes to now. */
  shade: "light" | "dark";
  setLanguage: (language: Language) => void;
  setTheme: (theme: Theme) => void;
}

const Context = createContext<Chosen | null>(null);

export function usePreferences(): Chosen {
  return useContext(Context)!;
}

export function useWords(): Words {
  return usePreferences().words;
}

/** Language and appearance: the browser's, unless the reader chose others before. */
export function Preferences({ children }: { children: ReactNode }) {
  const [language, setLanguage] = useRemembered<Language>("language", ["en", "ja"], browserLanguage());
  const [theme, setTheme] = useRemembered<Theme>("theme", ["auto", "light", "dark"], "auto");
  const shade = useShade(theme);
  useEffect(() => {
    document.documentElement.lang = language;
    document.documentElement.dataset.theme = shade;
  }, [language, shade]);
  const chosen = useMemo(
    () => ({ language, words: WORDS[language], locale: localeFor(language), theme, shade, setLanguage, setTheme }),
    [language, theme, shade, setLanguage, setTheme],
  );
  return <Context value={chosen}>{children}</Context>;
}

function browserLanguage(): Language {
  return navigator.language.toLowerCase().startsWith("ja") ? "ja" : "en";
}

/** The browser's own variety of the language, for dates as its reader writes them. */
function localeFor(language: Language): string {
  return navigator.languages.find((each) => each.toLowerCase().startsWith(language)) ?? language;
}

function useShade(theme: Theme): "light" | "dark" {
  const [isDark, setIsDark] = useState(() => window.matchMedia(DARK).matches);
  useEffect(() => {
    const query = window.matchMedia(DARK);
    const listen = () => setIsDark(query.matches);
    query.addEventListener("change", listen);
    return () => query.removeEventListener("change", listen);
  }, []);
  return theme === "auto" ? (isDark ? "dark" : "light") : theme;
}

function useRemembered<T extends string>(name: string, known: T[], fallback: T): [T, (value: T) => void] {
  const [value, setValue] = useState<T>(() => {
    const stored = localStorage.getItem(name) as T | null;
    return stored && known.includes(stored) ? stored : fallback;
  });
  const set = useMemo(
    () => (next: T) => {
      localStorage.setItem(name, next);
      setValue(next);
    },
    [name],
  );
  return [value, set];
}
