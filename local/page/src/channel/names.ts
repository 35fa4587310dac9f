import { createContext, useContext } from "react";
import { NO_NAMES, type Names } from "../live";

/** The names of those whom messages may mention. */
export const NamesContext = createContext<Names>(NO_NAMES);

export function useNames(): Names {
  return useContext(NamesContext);
}
