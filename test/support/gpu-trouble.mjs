/**
 * Loaded before the command (node --import): makes its GPU a small one, fills it, or takes it away. QWQ_TEST_GPU says what:
 *
 *   small:BYTES   no buffer may have more bytes
 *   full:N        its memory is taken by others before the Nth result is read
 *   lost:N        it goes away then
 */
import { globals } from "webgpu";

const [what, number] = process.env.QWQ_TEST_GPU.split(":");
const { GPUAdapter, GPUBuffer, GPUSupportedLimits } = globals;

if (what === "small") {
  for (const name of ["maxBufferSize", "maxStorageBufferBindingSize"]) {
    Object.defineProperty(GPUSupportedLimits.prototype, name, { get: () => Number(number) });
  }
} else {
  let device;
  let reads = 0;
  const { requestDevice } = GPUAdapter.prototype;
  GPUAdapter.prototype.requestDevice = async function (of) {
    return (device = await requestDevice.call(this, of));
  };
  const { mapAsync } = GPUBuffer.prototype;
  GPUBuffer.prototype.mapAsync = function (...given) {
    if (++reads === Number(number)) {
      if (what === "lost") device.destroy();
      else for (let i = 0; i < 24; i++) device.createBuffer({ size: device.limits.maxBufferSize, usage: 0x80 });
    }
    return mapAsync.apply(this, given);
  };
}
