# ruff: noqa: E501
"""Sentences that the engine says as they are, so that they can be translated; a test holds them against the data."""

from __future__ import annotations

from typing import Final

from django.utils.translation import gettext_noop

GOALS: Final = (
    gettext_noop("Less acne"),
    gettext_noop("Recovery after laser, peel or microneedling"),
    gettext_noop("Less long-lasting pain"),
    gettext_noop("Better blood flow in the skin"),
    gettext_noop("More collagen, firmer skin"),
    gettext_noop("Calmer eczema"),
    gettext_noop("Softer fine lines and wrinkles"),
    gettext_noop("Denser hair in pattern hair loss"),
    gettext_noop("Less joint pain"),
    gettext_noop("Less muscle soreness after exercise"),
    gettext_noop("Light and medicines"),
    gettext_noop("Calmer psoriasis"),
    gettext_noop("Calmer rosacea"),
    gettext_noop("Safe for all skin types"),
    gettext_noop("Better-looking scars"),
    gettext_noop("Smoother-looking skin"),
    gettext_noop("Relaxation, mood and sleep"),
    gettext_noop("Fainter stretch marks"),
    gettext_noop("Ten minutes a day"),
    gettext_noop("Even texture and tone"),
    gettext_noop("Faster wound healing"),
)
"""Titles of the goals."""

VERDICTS: Final = (
    gettext_noop(
        "Supported for red with blue light in mild to moderate acne, for some weeks; a guideline calls the evidence insufficient. Red light alone: little evidence."
    ),
    gettext_noop(
        "Unproven: less redness for a day in one trial, no difference in two later ones; only with the treating clinician and intact skin."
    ),
    gettext_noop(
        "Depends on the place: contact laser helped neck pain; for low back pain the best trial was negative; one small trial of a bed helped fibromyalgia. Panels are untested."
    ),
    gettext_noop(
        "Plausible as a rise of local flow for some minutes, which warmth alone may explain; no treatment of vascular disease."
    ),
    gettext_noop("Plausible for dermal density by ultrasound; findings on elasticity conflict."),
    gettext_noop(
        "Not supported: no trial of red light; blue light left all objective scores unchanged in the one sham-controlled trial."
    ),
    gettext_noop(
        "Plausible: a small effect, best studied around the eyes; expect at least eight weeks. Of two sham-controlled trials of a mask one was positive, and in the larger one blinded raters saw no difference; most other positive trials had no sham."
    ),
    gettext_noop(
        "Supported: about 20 more hairs per cm2 than with sham (pooled trials: 13 to 35) after 16 to 26 weeks of laser combs and caps; the gain is lost on stopping."
    ),
    gettext_noop(
        "Knee: contact laser at recommended joules per point reduced pain in a meta-analysis, guidelines disagree. Hand: negative. Home LED panels: untested."
    ),
    gettext_noop(
        "Unproven: results conflict. A small benefit is possible with contact near-infrared clusters; panels and whole-body light are untested or null."
    ),
    gettext_noop("Keep the advice and make it specific: which drug, which band; see the screening."),
    gettext_noop(
        "Not supported for red light: no trial with a sham. Narrow-band UVB is the standard; do not replace treatment."
    ),
    gettext_noop(
        "Unproven: no sham-controlled trial of red light was found, and warmth can trigger flushing; ask a dermatologist first."
    ),
    gettext_noop(
        "Too broad: tolerated at home doses in trials, but darker skin reacted at lower doses, pigment can darken, and cleared hair lasers are labelled for types I to IV only."
    ),
    gettext_noop(
        "Unproven: on fresh surgical scars one sham-controlled trial was negative in its main endpoint and one of a home near-infrared device was positive; old scars are untested."
    ),
    gettext_noop(
        "Plausible: measured roughness fell in a trial without sham; against sham, raters saw crow's feet improve in one trial and no difference in another."
    ),
    gettext_noop(
        "Not supported as sold: the larger sham-controlled trial for depression was negative. The quiet ten minutes may do good by themselves; bright light late may hinder sleep."
    ),
    gettext_noop(
        "Not supported: no controlled trial exists of red or near-infrared light for stretch marks that we could find (searched November 2026)."
    ),
    gettext_noop(
        "Minutes are no dose: trials ran from 2.5 to 30 minutes, 2 to 14 sessions a week. State radiant exposure instead."
    ),
    gettext_noop(
        "Texture: some evidence without sham. Tone: unproven, and visible light may darken skin or worsen melasma, above all in darker skin."
    ),
    gettext_noop(
        "Only as an addition in the hands of a wound care team, where it may help; do not use a home device on an open wound."
    ),
)
"""What trials say about each claim."""

STEPS: Final = (
    gettext_noop("Clean, dry skin"),
    gettext_noop("Take make-up and sunscreen off. Both hold light back. Rinse, then pat dry."),
    gettext_noop("Nothing that stings first"),
    gettext_noop("Keep retinoids, acids and scented oils for later in the day."),
    gettext_noop("Part your hair"),
    gettext_noop("Hair shades the skin. Part it, and move the part each time."),
    gettext_noop("You must cover your eyes"),
    gettext_noop(
        "This light is too strong for bare eyes. Wear shields that let no light in. Put them on before you switch it on. Closed lids are not enough."
    ),
    gettext_noop("Do not look into the lights"),
    gettext_noop("Turn your head away, or close your eyes."),
    gettext_noop("Cover your eyes"),
    gettext_noop("Wear the shields that came with it, or dark goggles. Closed lids let red light through."),
    gettext_noop("Lie down"),
    gettext_noop("The bed lights both sides at once. Each side gets the dose shown here."),
    gettext_noop("Put the device on"),
    gettext_noop("Take turns"),
    gettext_noop("Then off"),
    gettext_noop("Stop at once if it hurts, blisters or gets hot."),
    gettext_noop("After that"),
    gettext_noop("Use a moisturiser first. Put retinoid or acid on at night. Use sunscreen by day."),
    gettext_noop("Wipe the device"),
    gettext_noop("Use a soft cloth with mild soap. Do not spray the lights. Let it dry."),
    gettext_noop(
        "The irradiance rests on the maker's claim; published measurements found about half of what was claimed."
    ),
    gettext_noop("Skin type is a poor measure of how light travels; a measured ITA narrows the interval."),
    gettext_noop("No rule applies to what was given; that is not proof of safety."),
    gettext_noop("Some names are not known here; nobody judged them."),
    gettext_noop("Some names were guessed from their spelling; check what they were read as."),
)
"""Steps of the routine, and warnings that come with every dose."""
