// The names of the emoji that people use at work. An unknown name stays as typed.

const table = `
grinning 😀|smiley 😃|smile 😄|grin 😁|laughing satisfied 😆|sweat_smile 😅|rolling_on_the_floor_laughing rofl 🤣|joy 😂
slightly_smiling_face 🙂|upside_down_face 🙃|melting_face 🫠|wink 😉|blush 😊|innocent 😇|smiling_face_with_3_hearts 🥰|heart_eyes 😍
star-struck 🤩|kissing_heart 😘|yum 😋|stuck_out_tongue 😛|stuck_out_tongue_winking_eye 😜|zany_face 🤪|money_mouth_face 🤑
hugging_face 🤗|face_with_hand_over_mouth 🤭|shushing_face 🤫|thinking_face thinking 🤔|saluting_face 🫡|zipper_mouth_face 🤐
face_with_raised_eyebrow 🤨|neutral_face 😐|expressionless 😑|no_mouth 😶|smirk 😏|unamused 😒|face_with_rolling_eyes 🙄
grimacing 😬|lying_face 🤥|relieved 😌|pensive 😔|sleepy 😪|drooling_face 🤤|sleeping 😴|mask 😷|face_with_thermometer 🤒
face_with_head_bandage 🤕|nauseated_face 🤢|sneezing_face 🤧|hot_face 🥵|cold_face 🥶|woozy_face 🥴|dizzy_face 😵|exploding_head 🤯
face_with_cowboy_hat 🤠|partying_face 🥳|sunglasses 😎|nerd_face 🤓|face_with_monocle 🧐|confused 😕|worried 😟
slightly_frowning_face 🙁|white_frowning_face ☹️|open_mouth 😮|hushed 😯|astonished 😲|flushed 😳|pleading_face 🥺|frowning 😦
anguished 😧|fearful 😨|cold_sweat 😰|disappointed_relieved 😥|cry 😢|sob 😭|scream 😱|confounded 😖|persevere 😣|disappointed 😞
sweat 😓|weary 😩|tired_face 😫|yawning_face 🥱|triumph 😤|rage 😡|angry 😠|face_with_symbols_on_mouth 🤬|smiling_imp 😈|skull 💀
hankey poop shit 💩|clown_face 🤡|ghost 👻|alien 👽|robot_face 🤖|see_no_evil 🙈|hear_no_evil 🙉|speak_no_evil 🙊
wave 👋|raised_back_of_hand 🤚|hand raised_hand ✋|spock-hand 🖖|ok_hand 👌|pinching_hand 🤏|v ✌️|crossed_fingers 🤞|the_horns 🤘
call_me_hand 🤙|point_left 👈|point_right 👉|point_up_2 👆|point_down 👇|point_up ☝️|+1 thumbsup 👍|-1 thumbsdown 👎|fist ✊
facepunch punch 👊|clap 👏|raised_hands 🙌|open_hands 👐|palms_up_together 🤲|handshake 🤝|pray 🙏|writing_hand ✍️|muscle 💪
heart_hands 🫶|brain 🧠|eyes 👀|eye 👁️|ear 👂|speaking_head_in_silhouette 🗣️|bust_in_silhouette 👤|busts_in_silhouette 👥
baby 👶|man 👨|woman 👩|shrug 🤷|man-shrugging 🤷‍♂️|woman-shrugging 🤷‍♀️|face_palm facepalm 🤦|man-facepalming 🤦‍♂️|woman-facepalming 🤦‍♀️
raising_hand 🙋|bow 🙇|technologist 🧑‍💻|male-technologist 👨‍💻|female-technologist 👩‍💻|detective sleuth_or_spy 🕵️|firefighter 🧑‍🚒
superhero 🦸|ninja 🥷|construction_worker 👷|dancer 💃|runner running 🏃|walking 🚶|family 👪
heart ❤️|orange_heart 🧡|yellow_heart 💛|green_heart 💚|blue_heart 💙|purple_heart 💜|black_heart 🖤|white_heart 🤍|broken_heart 💔
two_hearts 💕|sparkling_heart 💖|100 💯|anger 💢|boom collision 💥|dizzy 💫|sweat_drops 💦|dash 💨|bomb 💣|speech_balloon 💬
thought_balloon 💭|zzz 💤|dog 🐶|cat 🐱|mouse 🐭|rabbit 🐰|fox_face 🦊|bear 🐻|panda_face 🐼|tiger 🐯|lion_face 🦁|cow 🐮|pig 🐷
frog 🐸|monkey_face 🐵|chicken 🐔|penguin 🐧|bird 🐦|owl 🦉|wolf 🐺|unicorn_face 🦄|bee honeybee 🐝|bug 🐛|butterfly 🦋|snail 🐌
ladybug lady_beetle 🐞|ant 🐜|turtle 🐢|snake 🐍|octopus 🐙|crab 🦀|fish 🐟|whale 🐳|dolphin 🐬|elephant 🐘|sloth 🦥|dragon 🐉
deciduous_tree 🌳|evergreen_tree 🌲|palm_tree 🌴|cactus 🌵|seedling 🌱|herb 🌿|four_leaf_clover 🍀|maple_leaf 🍁|fallen_leaf 🍂
mushroom 🍄|bouquet 💐|tulip 🌷|rose 🌹|sunflower 🌻|earth_africa 🌍|earth_americas 🌎|earth_asia 🌏|full_moon 🌕|sunny ☀️
partly_sunny ⛅|cloud ☁️|rain_cloud 🌧️|thunder_cloud_and_rain ⛈️|lightning 🌩️|snowflake ❄️|snowman ⛄|zap ⚡|fire 🔥|rainbow 🌈
ocean 🌊|star ⭐|star2 🌟|sparkles ✨|droplet 💧|umbrella ☔|comet ☄️|tornado 🌪️
apple 🍎|banana 🍌|lemon 🍋|watermelon 🍉|grapes 🍇|strawberry 🍓|cherries 🍒|peach 🍑|pineapple 🍍|avocado 🥑|tomato 🍅|hot_pepper 🌶️
bread 🍞|croissant 🥐|cheese_wedge 🧀|egg 🥚|bacon 🥓|hamburger 🍔|fries 🍟|pizza 🍕|hotdog 🌭|taco 🌮|sushi 🍣|ramen 🍜|popcorn 🍿
doughnut 🍩|cookie 🍪|birthday 🎂|cake 🍰|chocolate_bar 🍫|coffee ☕|tea 🍵|beer 🍺|beers 🍻|wine_glass 🍷|champagne 🍾|cocktail 🍸
soccer ⚽|basketball 🏀|football 🏈|tennis 🎾|dart 🎯|trophy 🏆|medal sports_medal 🏅|first_place_medal 🥇|second_place_medal 🥈
third_place_medal 🥉|video_game 🎮|game_die 🎲|jigsaw 🧩|art 🎨|musical_note 🎵|guitar 🎸|headphones 🎧|microphone 🎤|clapper 🎬
car red_car 🚗|taxi 🚕|bus 🚌|ambulance 🚑|fire_engine 🚒|police_car 🚓|truck 🚚|bike 🚲|train 🚆|airplane ✈️|rocket 🚀|ship 🚢
sailboat boat ⛵|helicopter 🚁|traffic_light 🚥|vertical_traffic_light 🚦|construction 🚧|rotating_light 🚨|anchor ⚓|world_map 🗺️
house 🏠|office 🏢|hospital 🏥|factory 🏭|bank 🏦|school 🏫|tent ⛺|gift 🎁|tada 🎉|confetti_ball 🎊|balloon 🎈|ticket 🎫
watch ⌚|iphone 📱|computer 💻|keyboard ⌨️|desktop_computer 🖥️|printer 🖨️|floppy_disk 💾|cd 💿|camera 📷|phone telephone ☎️
telephone_receiver 📞|pager 📟|battery 🔋|electric_plug 🔌|bulb 💡|flashlight 🔦|candle 🕯️|fire_extinguisher 🧯|moneybag 💰|dollar 💵
euro 💶|credit_card 💳|chart 💹|gem 💎|wrench 🔧|hammer 🔨|hammer_and_wrench 🛠️|gear ⚙️|nut_and_bolt 🔩|link 🔗|chains ⛓️|magnet 🧲
toolbox 🧰|test_tube 🧪|microscope 🔬|telescope 🔭|satellite 🛰️|syringe 💉|pill 💊|adhesive_bandage 🩹|stethoscope 🩺|door 🚪|broom 🧹
soap 🧼|sponge 🧽|key 🔑|old_key 🗝️|lock 🔒|unlock 🔓|closed_lock_with_key 🔐|shield 🛡️|bell 🔔|no_bell 🔕|loudspeaker 📢|mega 📣
email envelope ✉️|e-mail 📧|incoming_envelope 📨|envelope_with_arrow 📩|inbox_tray 📥|outbox_tray 📤|package 📦|mailbox 📫|pencil memo 📝
pencil2 ✏️|lower_left_ballpoint_pen 🖊️|page_facing_up 📄|page_with_curl 📃|bookmark_tabs 📑|bar_chart 📊|chart_with_upwards_trend 📈
chart_with_downwards_trend 📉|clipboard 📋|calendar 📆|date 📅|spiral_calendar_pad 🗓️|card_index_dividers 🗂️|file_folder 📁
open_file_folder 📂|file_cabinet 🗄️|wastebasket 🗑️|pushpin 📌|round_pushpin 📍|paperclip 📎|scissors ✂️|triangular_ruler 📐
books 📚|book open_book 📖|bookmark 🔖|label 🏷️|newspaper 📰|scroll 📜|mag 🔍|mag_right 🔎|balance_scale scales ⚖️|crystal_ball 🔮
hourglass ⌛|hourglass_flowing_sand ⏳|alarm_clock ⏰|stopwatch ⏱️|timer_clock ⏲️|clock1 🕐|clock3 🕒|clock6 🕕|clock9 🕘|clock12 🕛
warning ⚠️|no_entry ⛔|no_entry_sign 🚫|octagonal_sign stop_sign 🛑|x ❌|heavy_multiplication_x ✖️|o ⭕|white_check_mark ✅
heavy_check_mark ✔️|ballot_box_with_check ☑️|negative_squared_cross_mark ❎|question ❓|grey_question ❔|exclamation heavy_exclamation_mark ❗
bangbang ‼️|interrobang ⁉️|heavy_plus_sign ➕|heavy_minus_sign ➖|heavy_division_sign ➗|infinity ♾️|recycle ♻️|radioactive_sign ☢️
biohazard_sign ☣️|sos 🆘|new 🆕|ok 🆗|up 🆙|free 🆓|cool 🆒|information_source ℹ️|id 🆔|vs 🆚|checkered_flag 🏁|triangular_flag_on_post 🚩
white_flag waving_white_flag 🏳️|pirate_flag 🏴‍☠️|rainbow-flag 🏳️‍🌈|red_circle 🔴|large_orange_circle 🟠|large_yellow_circle 🟡
large_green_circle 🟢|large_blue_circle blue_circle 🔵|large_purple_circle 🟣|black_circle ⚫|white_circle ⚪|large_red_square 🟥
large_orange_square 🟧|large_yellow_square 🟨|large_green_square 🟩|large_blue_square 🟦|black_large_square ⬛|white_large_square ⬜
black_square_button 🔲|white_square_button 🔳|small_orange_diamond 🔸|small_blue_diamond 🔹|large_orange_diamond 🔶
large_blue_diamond 🔷|small_red_triangle 🔺|small_red_triangle_down 🔻|arrow_up ⬆️|arrow_down ⬇️|arrow_left ⬅️|arrow_right ➡️
arrow_upper_right ↗️|arrow_lower_right ↘️|arrow_right_hook ↪️|leftwards_arrow_with_hook ↩️|arrows_counterclockwise 🔄
arrows_clockwise 🔃|back 🔙|soon 🔜|top 🔝|end 🔚|on 🔛|arrow_forward ▶️|double_vertical_bar ⏸️|black_square_for_stop ⏹️
black_circle_for_record ⏺️|fast_forward ⏩|rewind ⏪|arrow_double_up ⏫|arrow_double_down ⏬|twisted_rightwards_arrows 🔀|repeat 🔁
zero 0️⃣|one 1️⃣|two 2️⃣|three 3️⃣|four 4️⃣|five 5️⃣|six 6️⃣|seven 7️⃣|eight 8️⃣|nine 9️⃣|keycap_ten 🔟|hash #️⃣|1234 🔢|abc 🔤
tm ™️|copyright ©️|registered ®️|parking 🅿️|wheelchair ♿|put_litter_in_its_place 🚮|seat 💺|fish_cake 🍥|crown 👑|ring 💍|ribbon 🎀
eyeglasses 👓|necktie 👔|shirt tshirt 👕|jeans 👖|boot 👢|tophat 🎩|mortar_board 🎓|school_satchel 🎒|briefcase 💼|luggage 🧳
flag-us us 🇺🇸|flag-gb gb uk 🇬🇧|flag-de de 🇩🇪|flag-fr fr 🇫🇷|flag-es es 🇪🇸|flag-it it 🇮🇹|flag-nl 🇳🇱|flag-pt 🇵🇹|flag-pl 🇵🇱|flag-se 🇸🇪
flag-jp jp 🇯🇵|flag-in 🇮🇳|flag-br 🇧🇷|flag-ca 🇨🇦|flag-au 🇦🇺|flag-eu 🇪🇺
`;

const names = new Map();
for (const entry of table.trim().split(/[|\n]/)) {
  const words = entry.trim().split(' ');
  const sign = words.pop();
  for (const name of words) names.set(name, sign);
}

const tones = ['', '', '🏻', '🏼', '🏽', '🏾', '🏿'];

// emoji is the sign of a name, or null if the name is not known here. A tone of the
// skin is a number from 2 to 6.
export function emoji(name, tone = '') {
  const sign = names.get(name);
  if (!sign) return null;
  return tone ? sign.replace('\ufe0f', '') + tones[tone] : sign;
}

// names of all that are known, for completion.
export const emojiNames = () => [...names.keys()];

// fromCodes is the sign of code points as Slack sends them: "1f44d-1f3fb".
export function fromCodes(codes) {
  const points = String(codes || '').split('-').map((c) => parseInt(c, 16));
  if (!points.length || points.some((p) => !(p > 0x1f && p <= 0x10ffff))) return null;
  return String.fromCodePoint(...points);
}
