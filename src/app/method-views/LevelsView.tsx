import type { MethodViewPanel } from '../../distill/views';
import { figure } from '../format';
import classes from './method-views.module.css';
import { rangeOf } from './Pixels';

/** A small table of numbers, shaded: losses per level, attention between stages. */
export function LevelsView({ panel, classNames }: { panel: MethodViewPanel; classNames: readonly string[] }) {
  const [height, width] = panel.shape as [number, number];
  const [, high] = rangeOf(panel.values);
  const named = panel.over === 'classes' && classNames.length === width;
  const rows = named ? classNames : (panel.rows ?? Array.from({ length: height }, (_, i) => `${i + 1}`));
  const columns = named ? classNames : (panel.columns ?? Array.from({ length: width }, (_, i) => `${i + 1}`));
  return (
    <div className={classes.levels}>
      <table>
        <caption>{panel.label}</caption>
        <thead>
          <tr>
            <td />
            {columns.map((name) => (
              <th key={name} scope="col">
                {name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((name, i) => (
            <tr key={name}>
              <th scope="row">{name}</th>
              {columns.map((column, j) => {
                const value = panel.values[i * width + j]!;
                const share = high > 0 ? Math.max(0, value / high) : 0;
                return (
                  <td
                    key={column}
                    style={{
                      background: `color-mix(in srgb, var(--hint-0) ${(share * 60).toFixed(0)}%, var(--field))`,
                    }}
                  >
                    {figure(value)}
                  </td>
                );
              })}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
