// Cues for closed eyes: tones, a voice of this phone, vibration; and keeping the screen awake. Nothing is fetched.

export type Cue = "start" | "half" | "minute" | "next" | "done" | "pause";
const TONES: Record<Cue, number[]> = {
  start: [440, 660], half: [523], minute: [523, 523], next: [660, 523, 660], done: [660, 880, 660, 880], pause: [440, 330],
};

let audio: AudioContext | undefined;

/** To be called from a tap: browsers let sound begin there alone. */
export function wakeAudio(): void {
  audio ??= new AudioContext();
  if (audio.state === "suspended") void audio.resume();
}

export function play(cue: Cue): void {
  if (!audio) return;
  TONES[cue].forEach((pitch, i) => {
    const begin = audio!.currentTime + i * 0.28;
    const tone = audio!.createOscillator();
    const loud = audio!.createGain();
    tone.frequency.value = pitch;
    loud.gain.setValueAtTime(0, begin);
    loud.gain.linearRampToValueAtTime(0.22, begin + 0.03);
    loud.gain.exponentialRampToValueAtTime(0.001, begin + 0.25);
    tone.connect(loud).connect(audio!.destination);
    tone.start(begin);
    tone.stop(begin + 0.26);
  });
}

export const canSpeak = (): boolean => "speechSynthesis" in window;

/** A voice that speaks on this phone itself; voices that ask a server are left out. */
export function localVoice(language: string): SpeechSynthesisVoice | undefined {
  if (!canSpeak()) return undefined;
  return speechSynthesis.getVoices().find((v) => v.localService && v.lang.toLowerCase().startsWith(language));
}

export function say(text: string, language: string): void {
  const voice = localVoice(language);
  if (!voice) return;
  const speech = new SpeechSynthesisUtterance(text);
  speech.voice = voice;
  speech.lang = voice.lang;
  speechSynthesis.speak(speech);
}

export const canVibrate = (): boolean => "vibrate" in navigator;
export function vibrate(cue: Cue): void {
  if (canVibrate()) navigator.vibrate(cue === "done" ? [300, 150, 300, 150, 300] : cue === "next" ? [200, 100, 200] : [120]);
}

let lock: WakeLockSentinel | undefined;
export async function keepAwake(): Promise<boolean> {
  try {
    if (lock && !lock.released) return true;
    lock = await navigator.wakeLock.request("screen");
    return true;
  } catch {
    return false;
  }
}
export function letSleep(): void {
  void lock?.release().catch(() => undefined);
  lock = undefined;
}
