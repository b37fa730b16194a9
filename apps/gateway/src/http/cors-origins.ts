import { z } from "zod";

/** Origins separated by commas, spelt as browsers do (`https://crm.example.com`); no `*`. */
export const corsOrigins = z
  .string()
  .transform((text) =>
    text
      .split(",")
      .map((part) => part.trim())
      .filter((part) => part !== ""),
  )
  .refine((origins) => origins.every(isOrigin), {
    error: "must be origins such as https://crm.example.com, separated by commas",
  });

function isOrigin(text: string): boolean {
  return URL.canParse(text) && new URL(text).origin === text && /^https?:/.test(text);
}
