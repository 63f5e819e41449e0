/** One of ten parts of the storms of the full tier. */
import { storms } from "../support/many-storms.ts";

storms(1);
