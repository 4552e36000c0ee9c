import type { WeightsView } from '../../distill/views';
import { figure, percent } from '../format';
import { Panel } from '../instruments/Panel';
import classes from './weights.module.css';

const [width, height] = [260, 96];

/** Per rounded kernel a histogram of the trained weights with the levels that are computed with. */
export default function WeightsFigure({ view, when }: { view: WeightsView; when: string }) {
  return (
    <Panel wide title={view.title} line={when}>
      <p className={classes.line}>{view.line}</p>
      <div className={classes.layers}>
        {view.layers.map((layer) => (
          <Layer key={layer.name} layer={layer} />
        ))}
      </div>
      {view.more > 0 && (
        <p className={classes.line}>
          {view.more} further {view.more === 1 ? 'layer is' : 'layers are'} rounded and not drawn.
        </p>
      )}
      {view.activations.length > 0 && (
        <p className={classes.line}>
          Activations above 1, which are cut off:{' '}
          {view.activations.map(({ after, above }) => `${percent(above)} after ${after}`).join(', ')}.
        </p>
      )}
    </Panel>
  );
}

function Layer({ layer }: { layer: WeightsView['layers'][number] }) {
  const { name, range, shares, levels, used, zeros } = layer;
  const reach = Math.max(range, ...levels.map(({ at }) => Math.abs(at))) * 1.04;
  const x = (value: number) => ((value + reach) / (2 * reach)) * width;
  const bin = (2 * range) / shares.length;
  const tallest = Math.max(...shares);
  const mostUsed = Math.max(...levels.map(({ share }) => share));
  const tall = (share: number, most: number) => (most > 0 ? (share / most) * (height - 6) : 0);
  const spoken = `${name}: ${used} levels in use, ${percent(zeros)} of the weights are 0.`;
  return (
    <figure className={classes.layer}>
      <figcaption>{name}</figcaption>
      <svg width={width} height={height} role="img" aria-label={spoken}>
        {shares.map((share, place) => (
          <rect
            key={place}
            className={classes.trained}
            x={x(-range + place * bin)}
            y={height - tall(share, tallest)}
            width={Math.max(1, x(bin) - x(0) - 0.5)}
            height={tall(share, tallest)}
          />
        ))}
        {levels.map(({ at, share }) => (
          <g key={at} className={classes.level}>
            <title>{`${figure(at)}: ${percent(share)} of the weights`}</title>
            <line x1={x(at)} x2={x(at)} y1={height} y2={height - tall(share, mostUsed)} />
            <circle cx={x(at)} cy={height - tall(share, mostUsed)} r="3" />
          </g>
        ))}
        <line className={classes.base} x1="0" x2={width} y1={height} y2={height} />
      </svg>
      <div className={classes.ends}>
        <span>{figure(-reach)}</span>
        <span>{figure(reach)}</span>
      </div>
      <p>
        {used} {used === 1 ? 'level' : 'levels'} in use, {percent(zeros)} zeros
      </p>
    </figure>
  );
}
