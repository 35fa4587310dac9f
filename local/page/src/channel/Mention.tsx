interface Props {
  id: string;
  /** Missing where the workspace knows nobody of that id, which is then shown as it is. */
  name?: string;
  sign?: "@" | "#";
  isForAll?: boolean;
}

/** A mention, as Slack marks it. */
export function Mention({ id, name, sign = "@", isForAll = false }: Props) {
  return (
    <span className="mention" data-for-all={isForAll || undefined} title={name && name !== id ? id : undefined}>
      {sign}
      {name ?? id}
    </span>
  );
}
