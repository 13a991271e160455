declare module "temml/dist/temml.js" {
  export { default } from "temml";
}
declare module "*.css" {
  const text: string;
  export default text;
}
declare const __WIRE__: string;
