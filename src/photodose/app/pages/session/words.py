"""The words of the player, handed to its script as JSON: gettext stays the one place of translations."""

from __future__ import annotations

from django.utils.translation import gettext as _

from photodose.app.words import REACTION_LABELS, SITE_LABELS


def words() -> dict[str, object]:
    """All texts of the player in the reader's language; {n}, {site} and the like are filled in by the script."""
    return {
        "sites": {site: str(label) for site, label in SITE_LABELS.items()},
        "reactions": {kind: _(label) for kind, label in REACTION_LABELS.items()},
        "start": _("Start"),
        "pause": _("Pause"),
        "resume": _("Go on"),
        "stop": _("End"),
        "end_sure": _("End this session now?"),
        "keep_going": _("Keep going"),
        "next": _("Light on the next place: start"),
        "no_plan_title": _("No routine yet"),
        "no_plan": _("Add your device first; then the session knows how long and where."),
        "add_device": _("Add a device"),
        "offline_no_plan": _("There is no network, and this phone has not kept a routine yet."),
        "ready": _("Ready?"),
        "minutes_each": _("{n} min"),
        "shielded": _("My eye shields are on"),
        "closed": _("My eyes stay closed"),
        "open": _("No light reaches my eyes"),
        "sound": _("Sound"),
        "voice": _("Voice"),
        "breathing": _("Breathing pace"),
        "vibration": _("Vibration"),
        "breathe_in": _("Breathe in"),
        "breathe_out": _("Breathe out"),
        "remaining": _("left"),
        "zone_of": _("{site}, place {n} of {of}"),
        "offline": _("No network: kept on this phone"),
        "saved": _("Saved"),
        "saving": _("Being sent"),
        "unsent": _("{n} not sent yet"),
        "screen_may_sleep": _("This phone may darken its screen; touch it now and then."),
        "say_start": _("Light on. {site}, {n} minutes."),
        "say_half": _("Half the time is done."),
        "say_minute": _("One minute left."),
        "say_next": _("Next: {site}."),
        "say_done": _("Done. Take the device off."),
        "say_pause": _("Paused."),
        "gap_title": _("Did the light stay on?"),
        "gap_hidden": _("This page was in the background for {n}."),
        "gap_clock": _("The clocks of this phone disagree by {n}."),
        "gap_crash": _("The session was interrupted {n} ago."),
        "gap_on": _("Yes, the whole time"),
        "gap_unsure": _("I am not sure"),
        "gap_off": _("No, it was off"),
        "resume_title": _("Go on with your session?"),
        "resume_text": _("{done} of {planned} are done."),
        "resume_yes": _("Go on"),
        "resume_end": _("End it here"),
        "warn_title": _("Before you start"),
        "warn_plan": _("Today's light for {site} is already done: {done} of {planned} min."),
        "warn_week": _("This week already has {done} sessions; your routine has {planned}."),
        "warn_limit": _("With this session {site} would get {done} min today; the safe limit is {planned} min."),
        "warn_paused": _("Your routine is paused because of: {what}. Wait until that is over."),
        "warn_anyway": _("Start all the same"),
        "warn_back": _("Not now"),
        "done_title": _("Done"),
        "done_confirmed": _("{n} confirmed"),
        "done_assumed": _("{n} assumed"),
        "how": _("How was it?"),
        "fine": _("Fine"),
        "reaction": _("A reaction"),
        "which": _("What is it?"),
        "today": _("Today"),
        "week": _("This week"),
        "to_log": _("To the log"),
        "paused_title": _("Your routine is paused"),
        "to_verdict": _("Verdict"),
        "healed": _("It has healed? Say so on the page Today; then you can start again."),
        "paused_now": _("Your routine is paused until you say that it is over (page Today)."),
        "other_tab": _("A session is open in another tab of this browser."),
        "sign_in": _("Sign in again to send what this phone has kept."),
        "seconds": _("{n} s"),
        "minutes": _("{n} min"),
        "hours": _("{n} h"),
        "days": _("{n} days"),
        "advice": advice(),
    }


def advice() -> dict[str, str]:
    """What to do after a reaction: general first aid, as health services give it (docs/hazards.md has the sources)."""
    return {
        "blister": _(
            "Stop using the device. Cool the skin under cool running water, not with ice, and cover it loosely and "
            "clean. Leave the blister whole. A burn on the face or one larger than your hand needs a doctor today."
        ),
        "redness": _(
            "Leave this skin without light until it looks and feels as before. If it hurts, swells or spreads, show "
            "it to a doctor. Ask a pharmacist whether something you take or apply makes skin sensitive to light."
        ),
        "eye": _(
            "Stop using the device near your eyes. Pain, flashes, floaters, a shadow or any change of sight: "
            "have your eyes examined today, at night in an emergency department."
        ),
        "headache": _(
            "Stop for now, rest and drink. A sudden, very strong headache, or one with a stiff neck, fever, "
            "weakness or trouble speaking or seeing is an emergency: call for help."
        ),
        "other": _("Write down what you noticed. If it worries you, stop and ask a doctor or pharmacist."),
    }
