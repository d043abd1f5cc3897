/**
 * Where the package `webgpu` finds an adapter on a machine without a GPU: Chromium brings one that is a program,
 * SwiftShader, and the library that loads it. A process sees it only if it is set before the process starts.
 */
import { existsSync } from "node:fs";

const FOLDER = "/usr/lib/chromium";

/** The environment for processes that are to find it; as it is where the user has said something else. */
export function withSoftwareAdapter(env: Record<string, string | undefined>): Record<string, string | undefined> {
  const icd = `${FOLDER}/vk_swiftshader_icd.json`;
  if (env["VK_ICD_FILENAMES"] !== undefined || !existsSync(icd)) return env;
  const paths = [env["LD_LIBRARY_PATH"], FOLDER].filter((path) => path !== undefined).join(":");
  return { ...env, VK_ICD_FILENAMES: icd, LD_LIBRARY_PATH: paths };
}
