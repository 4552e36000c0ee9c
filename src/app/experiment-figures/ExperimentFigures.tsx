import { BandPlot } from './BandPlot';
import { CostPlot } from './CostPlot';
import { DotPlot } from './DotPlot';
import classes from './experiment-figures.module.css';
import type { FigureProps } from './figure-props';
import { KnobMap } from './KnobMap';

/** The pictures of an experiment. Each of them can be saved. */
export default function ExperimentFigures(props: FigureProps) {
  return (
    <div className={classes.figures}>
      <DotPlot {...props} />
      <KnobMap {...props} />
      <BandPlot {...props} />
      <CostPlot {...props} />
    </div>
  );
}
