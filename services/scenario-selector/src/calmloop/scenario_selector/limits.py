"""The numbers that keep a child safe, in one place. None of them is a setting.

Those without another source are our choice: a clinician confirms them before a child sits in the
chair.
"""

# --- time ---------------------------------------------------------------------------------

FADE_S = 4.0
"""A pause, a finish and the engine's own halt fade over 3 to 5 s; only safety stops are abrupt."""

SOUND_BACK_S = 10.0
"""A sound that a player could not play comes back over this long, and only while a rise is free."""

GATE_RISE_PCT_PER_S = 20.0
"""The chair's gate lets vibration rise from 0 to full in 5 s, light no faster: what moves within a
scenario asks for no more."""

GATE_GLIDE_HZ_PER_S = 20.0
"""The chair's gate lets the frequency of a running vibration glide no faster: nothing asks for
more."""

SWELL_FALL_PER_S = 0.5
"""What a swell falls by in a second at most, as a share of its level: nothing in it drops."""

CROSSFADE_S = 4.0
"""From one phase of a scenario to the next, so that no step in it startles."""

ANNOUNCED_S = 30.0
"""Another scenario is announced for this long before it begins by itself."""

MAX_PAUSE_S = 300.0
"""A pause that lasts longer ends the session: nobody came back."""

ARM_WAIT_S = 3.0
"""How long an accepted start waits for the chair to arm."""

ACTIVE_WAIT_S = 3.0
"""How long setpoints may leave an armed chair inactive."""

AFTER_STOP_S = 1.0
"""No start for this long after a stop: news from before it may still be on its way."""

FACE_WITHIN_S = 2.0
"""A face must have been read within this time for a session that goes by it to start or resume."""

CHAIR_LOST_S = 1.5
"""Without news from the chair for this long a session ends: three times the chair's own 500 ms."""

CHAIR_LIMIT_MARGIN_S = 10.0
"""A session fades out this long before the chair's own limit would end it abruptly."""

CHILD_ASKS_EVERY_S = 30.0
"""A step up that the child asks for comes no sooner than this after the last step up, whoever made
it, and after a caregiver's step down; a scenario that it chooses, no sooner than this after the
last one that it chose."""

PRESS_LASTS_S = 1.0
"""The child's second button counts once within this time, so that its bouncing is one press; held
down it counts once, for however long."""

MAX_TURN_S = 1.0
"""Time that one turn of the loop counts at most: the rest was spent stopped."""

# --- when nothing is known ----------------------------------------------------------------

READING_LASTS_S = 1.0
"""A reading stands for the time until the next one, at most this long: the topic's maximum age."""

READING_SPACING_S = 0.02
"""Readings closer than this count as one, so that a flood of them cannot outvote the rest."""

PRESENCE_WINDOW_S = 2.0
PRESENT_FROM = 0.5
ABSENT_BELOW = 0.25
"""The face counts as seen from the upper share of known time in the window, as lost below the
lower one: one good frame does not end a loss, nor does one bad frame begin it."""

HOLD_S = 10.0
"""Nothing changes for this long after the face was lost; children turn away."""

AMBIGUOUS_S = 60.0
"""The same for a clear face between the classes: it is in view, and says nothing certain."""

EASED_BY_S = 25.0
"""At zero by 30 s after the loss. In hand are the fade of a pause that comes just before, and a
second for the way to the chair."""

FAINT_VALENCE = 0.1
"""Doubt about a clear face that leans so far to positive is a faint smile: a face that is seen, and
neutral."""

FAINT_CONFIDENCE = 0.4
"""What a faint smile counts as: below RAISE_CONFIDENCE, so that it keeps a session going and never
raises anything."""

# --- what counts as evidence --------------------------------------------------------------

MIN_KNOWN_S = 1.5
MIN_READINGS = 3
"""Known time and readings that a verdict needs: never the last frame alone."""

POSITIVE_FROM = 0.30
NEGATIVE_FROM = -0.25
"""Valence above or below the child's baseline; falling is easier than rising."""

UNUSUAL_SPREADS = 4.5
"""Of this child's own scatter in calm: a face that reads now so and now so has to say more."""

BACK_TO_NEUTRAL = 0.10
"""Hysteresis: a verdict stays until valence is this close to the baseline, or to zero."""

CLEARLY = 0.15
"""Valence that a positive or negative verdict needs of itself, whatever the baseline: a child who
smiled through the baseline and now rests is not distressed."""

MAX_BASELINE_VALENCE = 0.5
"""A measured baseline is clamped to this distance from neutral: a resting face that reads as sad
must not hide distress, and a smile must not make rest look like it."""

MAX_CONFIRMED_VALENCE = 0.8
"""The same once a caregiver has said that the child usually looks so: outright distress, and what
every signal says, are told without a baseline."""

UPSET_ARRIVAL_VALENCE = -0.4
"""A baseline below this may be a child who arrives upset: a caregiver is asked, and until it is
said to be usual the engine raises nothing."""

ANSWER_WITHIN_S = 60.0
"""Once it has been asked for so long, a face that goes on looking upset counts as any other."""

USUAL_WITHIN = 0.13
"""A baseline no further below what was usual in earlier sessions is usual, and not asked about; one
that is clamped is never usual."""

HIGH_CONFIDENCE = 0.7
"""Needed to call distress strong, and for every step up after the first."""

RAISE_CONFIDENCE = 0.5
"""Needed for any step up: below it, "positive" is as likely wrong as right."""

STRONG_VALENCE = -0.6
"""Distress that halts is called strong: confident, and this far below the baseline."""

OUTRIGHT_VALENCE = -0.93
"""Distress also while it is not known yet how the child looks at rest: confident, and this far
below neutral over a whole window. One resting face in a hundred reads so, one crying face in three.
"""

WHOLE_WINDOW_SHARE = 0.8
"""Known share that makes a stretch whole: the face of a child who cries is not in every frame."""

SHIFT_STANDS_S = 0.5
"""A shift to positive is answered by the first positive reading within this time: the frame that it
falls on may be unknown, and nothing rises but on a face that is positive itself."""

MATCHED_WITHIN_S = 10.0
"""A face that is not the child's for this long, as face-detector tells, is asked about; it forbids
any rise from its first frame on, and for SUSTAINED_S after its last."""

SUSTAINED_S = 30.0
"""Confident positive evidence without a break before each further step up; no two steps up come
closer, so that a face that comes and goes does not climb; and how long the engine leaves the
intensity down after a caregiver lowered it."""

BASELINE_SEEN_SHARE = 1 / 3
"""Share of the baseline in which the face must be known."""

MAX_BASELINE_S = 60.0
"""It is prolonged for that, but not beyond this."""

# --- sleep --------------------------------------------------------------------------------

ASLEEP_S = 180.0
"""Still, and with its eyes shut where they can be told, for so long a child is asleep."""

STILL_LOG_ENERGY = 0.15
"""Log10 of the motion energy over that of the empty, still seat: what breathing adds at most. Not
measured on children."""

STILL_GAP_S = 10.0
"""A movement that nobody knows of for no longer neither counts as still nor as moving."""

EYES_WITHIN_S = 2.0
"""A blink says nothing, and neither do eyes that nobody has told of for so long."""

DOZE_S = 60.0
"""In which the session of a child who is asleep fades to zero."""

ASK_AGAIN_S = 600.0
"""Who was said to be awake is asked about again no sooner."""

# --- the two tiers ------------------------------------------------------------------------

CALM_UNSEEN_S = 5.0
"""Calm is counted anew after a face that was not read for so long."""

RECOVERY_S = 30.0
"""Of calm, with every signal known that was known before, since the last step down, for each step
back up to what was comfortable: the one rise on a neutral face."""

AFTER_ALARM_S = 10.0
"""Of that calm at least comes after a small step down that was for nothing, since the child settled
before another one, of one signal alone, and not the first: the calm before is not lost by it."""

DOWN_SHARES = (0.2, 0.4, 1.0)
"""Of a step down: the first one, which comes so soon that it is often wrong, the second, and each
further one in every cycle for which it lasts."""

AFTER_FALSE_SHARE = 0.1
"""Of a step down: the first one, once there was one in this session that was for nothing."""

LASTING_STEPS = 2
"""Small steps before what upset the child is remembered, with the whole one that follows: what is
over before that was too often nothing."""

SETTLED_SHARE = 0.5
"""Of the quick tier's threshold: below it the child counts as settled again."""

RELAXES_S = 300.0
RELAXES_PCT = 5.0
"""A level that upset the child is tried again this much higher after so long."""

RELAXES_A_SESSION_PCT = 5.0
"""The same of a channel's level, after each session that was calm to its end."""

REST_SHARE = 0.3
"""Of the slow tier's threshold: below it, how often the child's face reads as upset is its own."""

LEAST_UPSETTING_PCT = 10.0
"""An intensity below this, half of a start's, is not remembered as what upset the child: nothing
would be left to go back to. The level is lowered as ever."""

LEAST_CAP_PCT = 5.0
"""Nothing is kept below this by what upset the child: it would be silent for good, and a profile
can say so. What is felt at no more than this is not what upsets a child."""

COMFORTABLE_S = 60.0
"""A level at which the child was calm for so long is not what upsets it."""

# --- when another signal counts -----------------------------------------------------------

MAX_ARTEFACT_SHARE = 0.5
"""Of the heart's intervals: above it most are none, and the rate says nothing."""

MIN_SAMPLE_QUALITY = 0.5
"""Share of a body signal's samples within its bounds, below which the rest says nothing."""

MIN_ABOVE_FLOOR_DB = 6.0
"""A voice this far above the room and the chair's own sound has four times their power. Below it
the chair's own song may be taken for crying, so that none counts as heard."""
