#!/usr/bin/python3
"""Writes feature_reference.txt: features of windows of real recordings as numpy, scipy and PyWavelets compute them.

    tests/fusion/feature_reference.py gestures.csv > tests/fusion/feature_reference.txt

gestures.csv: github.com/martinlindholdt/nano-gestures, MIT licence. Needs python3-scipy and python3-pywt; the tests read
the file alone. Everything is computed in double precision, by the libraries' functions wherever they have one.
"""
import csv
import itertools
import sys

import numpy as np
import pywt
import scipy.integrate
import scipy.signal
import scipy.stats

CHANNELS = ("ax", "ay", "az")
TAPERS = {"hann": (0.5, 0.5, 0.0), "hamming": (0.54, 0.46, 0.0), "blackman": (0.42, 0.5, 0.08), "none": (1.0, 0.0, 0.0)}


def taper_of(kind, n):
    a0, a1, a2 = TAPERS[kind]
    phase = 2 * np.pi * (np.arange(n) + 0.5) / n
    return a0 - a1 * np.cos(phase) + a2 * np.cos(2 * phase)


class Spectrum:
    def __init__(self, x, rate, kind):
        self.n = len(x)
        self.rate = rate
        self.taper = taper_of(kind, self.n)
        self.reach = 3 if kind == "blackman" else 2
        self.points = 1 << (self.n - 1).bit_length()
        self.power = np.abs(np.fft.rfft((x - np.mean(x)) * self.taper, self.points))[: self.points // 2] ** 2
        self.power[0] = 0.0
        self.hz = np.arange(self.points // 2) * rate / self.points
        self.scale = 2 / (self.n * self.points * np.mean(self.taper**2))

    def bands(self, count, low, high):
        edges = low + (high - low) * np.arange(count + 1) / count
        return [np.sqrt(self.scale * np.sum(self.power[(self.hz >= a) & (self.hz < b)])) for a, b in itertools.pairwise(edges)]

    def shape(self):
        p = self.power / np.sum(self.power)
        centroid = np.sum(p * self.hz)
        spread = np.sqrt(np.sum(p * (self.hz - centroid) ** 2))
        top = int(np.argmax(p))
        reach = 2 * self.reach if self.points > self.n else self.reach
        return {
            "dominant_frequency": self.hz[top],
            "dominant_amplitude": np.sqrt(self.scale * np.sum(self.power[max(1, top - reach) : top + reach + 1])),
            "spectral_centroid": centroid,
            "spectral_spread": spread,
            "spectral_entropy": scipy.stats.entropy(p[1:]) / np.log(len(p) - 1),
            "spectral_rolloff": self.hz[int(np.searchsorted(np.cumsum(p), 0.85))],
            "spectral_skewness": np.sum(p * (self.hz - centroid) ** 3) / spread**3,
            "spectral_kurtosis": np.sum(p * (self.hz - centroid) ** 4) / spread**4,
        }

    def log_mel(self, count, low, high):
        mel = np.linspace(2595 * np.log10(1 + low / 700), 2595 * np.log10(1 + high / 700), count + 2)
        edges = 700 * (10 ** (mel / 2595) - 1)
        return [np.log(1e-12 + self.scale * np.sum(np.interp(self.hz, edges[b : b + 3], [0, 1, 0]) * self.power))
                for b in range(count)]


def tone(x, hz, rate, kind):
    taper = taper_of(kind, len(x))
    turn = np.exp(-2j * np.pi * hz / rate * np.arange(len(x)))
    return np.sqrt(2) * np.abs(np.sum((x - np.mean(x)) * taper * turn)) / np.sum(taper)


def envelope(x, above, rate):
    high = scipy.signal.butter(2, above, "high", fs=rate, output="sos")
    low = scipy.signal.butter(2, above, "low", fs=rate, output="sos")
    return scipy.signal.sosfilt(low, np.abs(scipy.signal.sosfilt(high, x - np.mean(x))))


def wavelet(x, levels):
    details = pywt.wavedec(x - np.mean(x), "db2", mode="symmetric", level=levels)[1:]
    return [np.sum(d**2) / len(x) for d in reversed(details)]


def crossings(x):
    signs = np.sign(x)
    signs = signs[signs != 0]
    return np.count_nonzero(signs[1:] != signs[:-1])


def autocorrelation(x):
    d = x - np.mean(x)
    r = scipy.signal.correlate(d, d)[len(x) - 1 :][: len(x) // 2 + 1] / np.sum(d**2)
    below = np.flatnonzero(r <= 0)
    return max(0.0, np.max(r[below[0] :])) if len(below) else 0.0


def decimal(value):
    return f"{value:.3f}".rstrip("0").rstrip(".")


def of_channel(x, rate, kind):
    rms = np.sqrt(np.mean(x**2))
    values = {
        "last": x[-1], "mean": np.mean(x), "std": np.std(x), "variance": np.var(x), "rms": rms, "min": np.min(x),
        "max": np.max(x), "peak_to_peak": np.ptp(x), "zero_crossings": crossings(x - np.mean(x)),
        "mean_absolute": np.mean(np.abs(x)), "energy": np.mean(x**2), "median": np.median(x),
        "lower_quartile": np.quantile(x, 0.25), "upper_quartile": np.quantile(x, 0.75),
        "quartile_range": scipy.stats.iqr(x), "mean_deviation": np.mean(np.abs(x - np.mean(x))),
        "skewness": scipy.stats.skew(x), "kurtosis": scipy.stats.kurtosis(x),
        "crest_factor": np.max(np.abs(x)) / rms, "sign_changes": crossings(x),
        "slope": scipy.stats.linregress(np.arange(len(x)) / rate, x).slope,
        "jerk": np.mean(np.abs(np.diff(x))) * rate, "autocorrelation": autocorrelation(x),
        "quantile0.05": np.quantile(x, 0.05), "quantile0.9": np.quantile(x, 0.9),
    }
    spectrum = Spectrum(x, rate, kind)
    values |= spectrum.shape()
    values |= {f"band_power{i}": v for i, v in enumerate(spectrum.bands(5, 1.0, 50.0), 1)}
    values |= {f"log_mel{i}": v for i, v in enumerate(spectrum.log_mel(6, 0.0, 59.0), 1)}
    values |= {f"wavelet_energy{i}": v for i, v in enumerate(wavelet(x, 4), 1)}
    for i in (1, 2, 3):
        values[f"order_amplitude{decimal(3.585 * i)}"] = tone(x, 4.5 * 3.585 * i, rate, kind)
    hull = envelope(x, 20.0, rate)
    values |= {f"envelope_power{i}": v for i, v in enumerate(Spectrum(hull, rate, kind).bands(3, 0.0, 18.0), 1)}
    for i in (1, 2):
        values[f"envelope_tone{decimal(4.2 * i)}"] = tone(hull, 4.2 * i, rate, kind)
    return values


FEATURES = """[last, mean, std, variance, rms, min, max, peak_to_peak, zero_crossings, mean_absolute, energy, median,
 lower_quartile, upper_quartile, quartile_range, mean_deviation, skewness, kurtosis, crest_factor, sign_changes, slope, jerk,
 autocorrelation, {quantile: 0.05}, {quantile: 0.9}, dominant_frequency, dominant_amplitude, spectral_centroid,
 spectral_spread, spectral_entropy, spectral_rolloff, spectral_skewness, spectral_kurtosis,
 {band_power: {bands: 5, from: 1Hz, to: 50Hz}}, {log_mel: {bands: 6, from: 0Hz, to: 59Hz}}, {wavelet_energy: 4},
 {order_amplitude: {speed: 4.5Hz, order: 3.585}}, {envelope_power: {bands: 3, to: 18Hz, above: 20Hz}},
 {envelope_tone: {frequency: 4.2Hz, harmonics: 2, above: 20Hz}}, signal_magnitude_area, cross_correlation]"""


def write(table, start, samples, kind):
    rate = 119.0
    x = {c: np.array([float(row[c + "_g"]) for row in table[start : start + samples]], dtype=np.float32).astype(float)
         for c in CHANNELS}
    print(f"window {samples} {rate:g} {kind}")
    print("channels", *CHANNELS)
    for i in range(samples):
        print("row", *(decimal(x[c][i]) for c in CHANNELS))
    for c in CHANNELS:
        for name, value in of_channel(x[c], rate, kind).items():
            print(f"value {name}({c}) {value:.9g}")
    print(f"value signal_magnitude_area(ax..az) {sum(np.mean(np.abs(x[c])) for c in CHANNELS):.9g}")
    for a, b in itertools.combinations(CHANNELS, 2):
        print(f"value cross_correlation({a},{b}) {np.corrcoef(x[a], x[b])[0, 1]:.9g}")


def main():
    with open(sys.argv[1], encoding="utf-8") as file:
        table = list(csv.DictReader(file))
    print("features", " ".join(FEATURES.split()))
    write(table, 0, 119, "hann")
    write(table, 119 * 20, 128, "blackman")
    write(table, 119 * 33, 60, "hamming")
    write(table, 119 * 70, 49, "none")


if __name__ == "__main__":
    main()
