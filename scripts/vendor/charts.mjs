// What the page takes of Chart.js, and no more: bars on axes, a legend, and words for what is pointed at.
export { BarController, BarElement, CategoryScale, Chart, Legend, LinearScale, Tooltip } from "chart.js";
